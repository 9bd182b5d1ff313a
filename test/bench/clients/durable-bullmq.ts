import { Queue, Worker } from "bullmq";
import { Pool } from "undici";
import { assertAnswered, bodyOf, type CreateClient, requestHeaders } from "./client.ts";

/** BullMQ with undici on the Redis of `REDIS_URL`: a send is over when the job was added and sent. */
export const createClient: CreateClient = async (target) => {
  const { origin, pathname } = new URL(target.url);
  const pool = new Pool(origin, { connections: target.connections });
  const connection = { url: process.env.REDIS_URL ?? "", maxRetriesPerRequest: null };
  const queue = new Queue(`jackfield-bench-${process.pid}`, { connection });
  const delivered = new Map<string, () => void>();
  const worker = new Worker(
    queue.name,
    async ({ id = "" }) => {
      const answer = await pool.request({
        path: pathname,
        method: "POST",
        headers: requestHeaders,
        body: bodyOf(target),
      });
      assertAnswered(answer.statusCode, await answer.body.text());
      delivered.get(id)?.();
      delivered.delete(id);
    },
    { connection, concurrency: target.connections },
  );
  return {
    async send() {
      const jobId = crypto.randomUUID();
      const done = new Promise<void>((resolve) => delivered.set(jobId, resolve));
      await queue.add("send", { content: target.content }, { jobId, removeOnComplete: true });
      await done;
    },
    async close() {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
      await pool.close();
    },
  };
};
