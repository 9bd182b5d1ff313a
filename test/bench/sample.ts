import type { RoundAnswer, RoundQuestion } from "./client-process.ts";
import { bodyOf, type ClientTarget } from "./clients/client.ts";
import type { PinnedProcess } from "./pinned-process.ts";
import type { ServerReport } from "./server-process.ts";

export type Server = PinnedProcess<object, ServerReport>;
export type ClientProcess = PinnedProcess<RoundQuestion, RoundAnswer>;

/** The text of every message that is measured. */
export const content =
  "The build of main is green: 1,204 tests passed, none failed, in 3 minutes and 12 seconds. ".repeat(3);

/** How a comparison in turns is made. */
export interface Plan extends RoundQuestion {
  readonly rounds: number;
  /** How long each client sends before the first round, until its code is compiled. */
  readonly firstWarmUpMs: number;
}

/** What one client did in one round. */
export interface Sample {
  /** Sends in a second of the client's core: what else wants that core takes time, but takes nothing from this number. */
  readonly perCoreSecond: number;
  readonly perSecond: number;
  /** The share of the measured time in which the client's process was on its core. */
  readonly clientBusy: number;
  readonly serverBusy: number;
}

/** @throws Error unless the server has received exactly what the client has sent */
export async function takeSample(
  name: string,
  client: ClientProcess,
  server: Server,
  target: ClientTarget,
  { warmUpMs, measureMs, maxSends }: RoundQuestion,
): Promise<Sample> {
  const before = await server.ask({});
  const began = performance.now();
  const round = await client.ask({ warmUpMs, measureMs, maxSends });
  const tookMs = performance.now() - began;
  const after = await server.ask({});
  const received = after.requests - before.requests;
  const receivedBytes = after.bodyBytes - before.bodyBytes;
  const sentBytes = round.sent * Buffer.byteLength(bodyOf(target));
  if (received !== round.sent || receivedBytes !== sentBytes) {
    throw new Error(
      `${name} sent ${round.sent} requests with ${sentBytes} bytes, the server received ${received} with ${receivedBytes}`,
    );
  }
  if (round.measuredSends === 0) throw new Error(`${name} sent nothing within ${measureMs} ms`);
  return {
    perCoreSecond: (round.measuredSends / round.cpuMs) * 1000,
    perSecond: (round.measuredSends / round.measuredMs) * 1000,
    clientBusy: round.cpuMs / round.measuredMs,
    serverBusy: (after.cpuMs - before.cpuMs) / tookMs,
  };
}
