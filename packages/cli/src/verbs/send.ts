import { text as readAll } from "node:stream/consumers";
import {
  type AttemptRecord,
  type Decision,
  type JsonValue,
  type MessageDraft,
  type Receipt,
  SendError,
  send,
} from "@jackfield/core";
import { openConfiguredChannel } from "../deployment.ts";
import { exitCodes } from "../main.ts";
import { duration, printable, type Terminal } from "../terminal.ts";

interface SendVerbOptions {
  readonly to?: string;
  readonly thread?: string;
  readonly subject?: string;
  readonly data?: JsonValue;
  readonly idempotencyKey?: string;
  readonly json?: boolean;
  readonly config?: string;
}

export async function runSend(
  terminal: Terminal,
  channelId: string,
  text: string,
  options: SendVerbOptions,
): Promise<number> {
  const open = await openConfiguredChannel(options, channelId);
  const content = text === "-" ? (await readAll(process.stdin)).replace(/\r?\n$/, "") : text;
  const interrupt = interruptSignal();
  try {
    const result = await send(open, draftOf(content, options), {
      signal: interrupt.signal,
      ...(options.json ? {} : { onAttempt: (attempt, decision) => showAttempt(terminal, attempt, decision) }),
    });
    if (options.json) {
      terminal.out(outcomeJson(result.message.id, channelId, "delivered", result.attempts, result.receipt));
    } else {
      const attempts = result.attempts.length === 1 ? "1 attempt" : `${result.attempts.length} attempts`;
      terminal.out(terminal.style("green", `delivered ${result.message.id} to ${channelId} in ${attempts}`));
    }
    return exitCodes.done;
  } catch (error) {
    if (interrupt.signal.aborted) {
      terminal.err("interrupted: nothing more is sent, and nothing was kept");
      return exitCodes.failed;
    }
    if (!(error instanceof SendError)) throw error;
    if (options.json) terminal.out(outcomeJson(error.sent.id, channelId, "dead", error.attempts));
    terminal.err(printable(terminal.style("red", error.message)));
    if (error.decision.action === "pause") {
      terminal.err(
        "a person has to act first: check the channel's credentials (authHeader, secret), then send again",
      );
    }
    return exitCodes.failed;
  } finally {
    interrupt.dispose();
    await open.channel.close?.();
  }
}

function draftOf(
  content: string,
  { to, thread, subject, data, idempotencyKey }: SendVerbOptions,
): MessageDraft {
  return {
    content,
    ...(to === undefined ? {} : { recipient: to }),
    ...(thread === undefined ? {} : { threadId: thread }),
    ...(subject === undefined ? {} : { subject }),
    ...(data === undefined ? {} : { data }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

function showAttempt(terminal: Terminal, attempt: AttemptRecord, decision: Decision | undefined): void {
  const { number, status, durationMs, failure } = attempt;
  const outcome = failure ? terminal.style("yellow", failure.kind) : terminal.style("green", "delivered");
  const facts = [`attempt ${number}`, outcome, status, duration(durationMs)].filter(
    (fact) => fact !== undefined,
  );
  terminal.err(`${facts.join("  ")}`);
  if (!failure) return;
  terminal.err(terminal.style("dim", `           ${printable(failure.message)}`));
  if (decision?.action !== "retry") return;
  const why = failure.retryAfterMs === undefined ? "" : ", as the receiver asked (Retry-After)";
  terminal.err(`           next attempt in ${duration(decision.delayMs)}${why}`);
}

function outcomeJson(
  id: string,
  channel: string,
  state: "delivered" | "dead",
  attempts: readonly AttemptRecord[],
  receipt?: Receipt,
): string {
  return JSON.stringify({ id, channel, state, attempts: attempts.map(attemptJson), receipt }, undefined, 2);
}

function attemptJson({ number, at, durationMs, status, failure, waitMs }: AttemptRecord): object {
  return {
    number,
    at: new Date(at).toISOString(),
    durationMs: Number(durationMs.toFixed(3)),
    status,
    failure: failure && { kind: failure.kind, message: failure.message, retryAfterMs: failure.retryAfterMs },
    waitMs,
  };
}

/** Ctrl-C ends the wait or the request that is under way; a second one ends the process as usual. */
function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  return {
    signal: controller.signal,
    dispose: () => process.off("SIGINT", interrupt).off("SIGTERM", interrupt),
  };
}
