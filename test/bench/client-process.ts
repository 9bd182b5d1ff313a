import type { Client, ClientTarget, CreateClient } from "./clients/client.ts";
import { answerQuestions } from "./pinned-process.ts";

/** One round of sends. */
export interface RoundQuestion {
  /** Sends before the clock starts: connections are opened again and the code gets warm. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** No round sends more, however fast the machine is. */
  readonly maxSends: number;
}

export interface RoundAnswer {
  /** All sends of the round, with those before and after the measurement. */
  readonly sent: number;
  readonly measuredSends: number;
  readonly measuredMs: number;
  /** CPU time of the client's process during the measurement. */
  readonly cpuMs: number;
}

const [module = "", target = ""] = process.argv.slice(2);
const { createClient } = (await import(module)) as { createClient: CreateClient };
const options = JSON.parse(target) as ClientTarget;
const client = await createClient(options);

answerQuestions<RoundQuestion, RoundAnswer>((question) =>
  runRound(client, options.underWay ?? options.connections, question),
);

async function runRound(
  { send }: Client,
  concurrency: number,
  { warmUpMs, measureMs, maxSends }: RoundQuestion,
): Promise<RoundAnswer> {
  let started = 0;
  let sent = 0;
  let ended = false;
  const mark = () => ({ sent, at: performance.now(), cpu: process.cpuUsage() });

  async function keepSending(): Promise<void> {
    while (!ended && started < maxSends) {
      started += 1;
      await send();
      sent += 1;
    }
  }

  const senders = Promise.all(Array.from({ length: concurrency }, keepSending));
  // A failed send ends the round at once; a round that has used up its sends has no need of the rest of its time.
  await Promise.race([sleep(warmUpMs), senders]);
  const first = mark();
  await Promise.race([sleep(measureMs), senders]);
  // On a crowded machine the server may not have had its turn: a rate needs at least one send.
  while (sent === first.sent && started < maxSends) await Promise.race([sleep(measureMs), senders]);
  const last = mark();
  ended = true;
  await senders;
  const cpuMicros = last.cpu.user + last.cpu.system - first.cpu.user - first.cpu.system;
  return {
    sent,
    measuredSends: last.sent - first.sent,
    measuredMs: last.at - first.at,
    cpuMs: cpuMicros / 1000,
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
