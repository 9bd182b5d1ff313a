import { setTimeout as sleepFor } from "node:timers/promises";
import {
  type Clock,
  createMessage,
  type MessageDraft,
  type OpenChannel,
  openChannel,
  type ProbeResult,
} from "@jackfield/core";
import type { FaultName } from "./faults.ts";
import type { Outcome } from "./outcome.ts";
import type { ContractSubject } from "./subject.ts";

/** One channel and its other side, for one rule. */
export interface Bench extends AsyncDisposable {
  readonly open: OpenChannel;
  /** The configuration that the channel was opened with. */
  readonly config: ContractSubject["type"]["config"]["_zod"]["input"];
  received(): readonly string[];
  /** Makes the first attempt of a message and waits for its end, as long as the subject's patience lasts. */
  deliver(draft?: Partial<MessageDraft>, signal?: AbortSignal): Promise<Outcome>;
  /** What the channel's probe finds; nothing when it has none, or when it does not end as long as the patience lasts. */
  probe(): Promise<ProbeResult | undefined>;
}

export interface BenchOptions {
  readonly fault?: FaultName;
  readonly alias?: string;
  readonly clock?: Clock;
}

export async function openBench(subject: ContractSubject, options: BenchOptions = {}): Promise<Bench> {
  const { fault, alias = "contract", clock } = options;
  const remote = await subject.remote.start(fault);
  const open = await openChannel(subject.type, alias, remote.config, clock ? { clock } : {}).catch(
    async (error) => {
      await remote.close?.();
      throw error;
    },
  );
  const { channel } = open;
  let underWay = 0;

  async function attemptOnce(draft: Partial<MessageDraft>, signal?: AbortSignal): Promise<Outcome> {
    const attempt = { number: 1, maybeArrived: false };
    underWay += 1;
    try {
      const message = createMessage({ ...draftOf(subject), ...draft }, Date.now());
      const receipt = await channel.deliver(message, signal ? { ...attempt, signal } : attempt);
      return { state: "delivered", receipt };
    } catch (error) {
      return { state: "failed", error };
    } finally {
      underWay -= 1;
    }
  }

  return {
    open,
    config: remote.config,
    received: () => remote.received(),
    deliver: (draft = {}, signal) => withPatience(subject, attemptOnce(draft, signal), { state: "pending" }),
    probe: async () => withPatience(subject, channel.probe?.(), undefined),
    async [Symbol.asyncDispose]() {
      const closing = [() => channel.close?.(), () => remote.close?.()];
      // A channel is closed after its last attempt; one that hangs comes to its end with the other side.
      if (underWay > 0) closing.reverse();
      for (const close of closing) await close();
    },
  };
}

/** What the subject is asked to send: content, and what its author says is needed. */
export function draftOf({ message }: ContractSubject): MessageDraft {
  return { content: "a message of the channel contract", ...message };
}

/** Resolves when `condition` holds, or when the subject's patience is over: in real time, for what real sockets do. */
export async function eventually(subject: ContractSubject, condition: () => boolean): Promise<void> {
  const end = performance.now() + patienceMsOf(subject);
  while (!condition() && performance.now() < end) await sleepFor(1);
}

async function withPatience<Result>(
  subject: ContractSubject,
  result: Promise<Result> | undefined,
  otherwise: Result,
): Promise<Result> {
  const ended = new AbortController();
  try {
    const patience = sleepFor(patienceMsOf(subject), otherwise, { signal: ended.signal });
    return await Promise.race([result ?? otherwise, patience]);
  } finally {
    ended.abort();
  }
}

function patienceMsOf({ patienceMs = 5_000 }: ContractSubject): number {
  return patienceMs;
}
