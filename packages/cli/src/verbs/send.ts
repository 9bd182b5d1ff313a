import { text as readAll } from "node:stream/consumers";
import type { JsonValue, MessageDraft } from "@jackfield/core";
import { configuredChannel, loadDeployment } from "../deployment.ts";
import { openConfiguredStore } from "../store.ts";
import type { Terminal } from "../terminal.ts";
import { sendDirect } from "./send-direct.ts";
import { sendDurable } from "./send-durable.ts";

export interface SendVerbOptions {
  readonly to?: string;
  readonly thread?: string;
  readonly subject?: string;
  readonly data?: JsonValue;
  readonly idempotencyKey?: string;
  readonly direct?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** @returns the exit code */
export async function runSend(
  terminal: Terminal,
  channelId: string,
  text: string,
  options: SendVerbOptions,
): Promise<number> {
  const loaded = await loadDeployment(options);
  const channel = configuredChannel(loaded, channelId);
  if (text === "-" && process.stdin.isTTY)
    terminal.err("reading the message from the terminal: Ctrl-D ends it");
  const content = text === "-" ? (await readAll(process.stdin)).replace(/\r?\n$/, "") : text;
  const draft = draftOf(content, options);
  if (options.direct) return sendDirect(terminal, channel, draft, options);
  const store = await openConfiguredStore(loaded);
  return sendDurable(terminal, { store, channels: loaded.deployment.channels }, channelId, draft, options);
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
