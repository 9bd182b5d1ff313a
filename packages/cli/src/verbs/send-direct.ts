import type { ConfiguredChannel } from "@jackfield/config";
import {
  type AttemptRecord,
  type MessageDraft,
  openChannel,
  type Receipt,
  SendError,
  send,
} from "@jackfield/core";
import { attemptJson, attemptLines, counted } from "../attempt-text.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { printable, type Terminal } from "../terminal.ts";

/** Sends now, from memory: the retry loop ends with this process. */
export async function sendDirect(
  terminal: Terminal,
  { id, type, alias, input }: ConfiguredChannel,
  draft: MessageDraft,
  { json }: { readonly json?: boolean },
): Promise<number> {
  const open = await openChannel(type, alias, input);
  using signal = interruptSignal();
  const onAttempt = (attempt: AttemptRecord) => {
    if (!json) for (const line of attemptLines(terminal.style, attempt)) terminal.err(line);
  };
  try {
    const { message, receipt, attempts } = await send(open, draft, { signal, onAttempt });
    if (json) terminal.out(outcomeJson(message.id, id, "delivered", attempts, receipt));
    else {
      terminal.out(message.id);
      terminal.err(terminal.style("green", `delivered after ${counted(attempts.length)}`));
    }
    return exitCodes.done;
  } catch (error) {
    if (signal.aborted) {
      terminal.err("interrupted: nothing more is sent, and nothing was kept");
      return exitCodes.failed;
    }
    if (!(error instanceof SendError)) throw error;
    if (json) terminal.out(outcomeJson(error.sent.id, id, "dead", error.attempts));
    terminal.err(terminal.style("red", printable(error.message)));
    if (error.decision.action === "pause") {
      terminal.err(
        "a person has to act first: check the channel's credentials (authHeader, secret), then send again",
      );
    }
    return exitCodes.failed;
  } finally {
    await open.channel.close?.();
  }
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
