import { PgBoss } from "pg-boss";
import { Pool } from "undici";
import { assertAnswered, type CreateClient, requestHeaders } from "./client.ts";

const queue = "bench";
/** Jobs that one fetch takes at the most. */
const batchSize = 100;

/**
 * pg-boss with undici: a send is over when the job was inserted, fetched and sent. Jobs are fetched in a tight loop and completed in
 * batches, to its advantage: its own worker polls twice a second at the most.
 */
export const createClient: CreateClient = async (target) => {
  const { origin, pathname } = new URL(target.url);
  const pool = new Pool(origin, { connections: target.connections });
  const boss = new PgBoss({
    connectionString: process.env.BENCH_POSTGRES_URL ?? "",
    max: 20,
    supervise: false,
    schedule: false,
  });
  boss.on("error", (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue(queue);
  const delivered = new Map<string, () => void>();
  let isClosing = false;

  async function sendJob({ id, data }: { readonly id: string; readonly data: object }): Promise<void> {
    const body = JSON.stringify(data);
    const answer = await pool.request({ path: pathname, method: "POST", headers: requestHeaders, body });
    assertAnswered(answer.statusCode, await answer.body.text());
    delivered.get(id)?.();
    delivered.delete(id);
  }

  async function work(): Promise<void> {
    while (!isClosing) {
      const jobs = await boss.fetch<object>(queue, { batchSize });
      if (jobs.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      await Promise.all(jobs.map(sendJob));
      await boss.complete(
        queue,
        jobs.map(({ id }) => id),
      );
    }
  }
  // Two at a time: one fetches and completes while the other sends.
  const workers = [work(), work()];
  return {
    async send() {
      const id = crypto.randomUUID();
      const done = new Promise<void>((resolve) => delivered.set(id, resolve));
      await boss.send(queue, { content: target.content }, { id });
      await done;
    },
    async close() {
      isClosing = true;
      await Promise.all(workers);
      await boss.stop({ graceful: false });
      await pool.close();
    },
  };
};
