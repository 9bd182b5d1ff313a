import type { StoredTurn, ThreadSummary, TimelineEntry } from "@jackfield/core";
import { attemptJson, attemptLines } from "../attempt-text.ts";
import { type ConfigOption, configuredChannel } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStoreOf } from "../store.ts";
import { duration, iso, printable, type Style, type Terminal, table } from "../terminal.ts";

interface PageOptions extends ConfigOption {
  readonly limit: number;
  readonly after?: string;
  readonly json?: boolean;
}

export async function runThreadsList(
  terminal: Terminal,
  options: PageOptions & { readonly channel?: string },
): Promise<void> {
  await using opened = await openStoreOf(options);
  const { channel, json } = options;
  const page = await opened.store.threads.list(channel === undefined ? {} : { channel }, pageOf(options));
  if (page.threads.length === 0 && channel !== undefined) configuredChannel(opened.loaded, channel);
  if (json) {
    terminal.out(JSON.stringify({ threads: page.threads.map(threadJson), next: page.next }, undefined, 2));
    return;
  }
  if (page.threads.length === 0) {
    terminal.err("no threads fit: a thread begins with its first message");
    return;
  }
  const rows = page.threads.map(({ id, inboundCount, outboundCount, lastAt, conversation }) => [
    printable(id),
    String(inboundCount),
    String(outboundCount),
    iso(lastAt),
    conversation ? (conversation.resolvedAt === undefined ? "open" : "resolved") : "",
    printable(conversation?.participants.join(", ") ?? ""),
  ]);
  terminal.out(table([["THREAD", "IN", "OUT", "LAST", "CONVERSATION", "WHO"], ...rows]));
  sayMore(terminal, page.next);
}

export async function runThreadsShow(terminal: Terminal, id: string, options: PageOptions): Promise<number> {
  await using opened = await openStoreOf(options);
  const { threads } = opened.store;
  const thread = await threads.get(id);
  if (!thread) return unknown(terminal, id);
  const page = await threads.timeline(id, pageOf(options));
  if (options.json) {
    const entries = page.entries.map(entryJson);
    terminal.out(JSON.stringify({ ...threadJson(thread), entries, next: page.next }, undefined, 2));
    return exitCodes.done;
  }
  const { conversation } = thread;
  terminal.out(terminal.styleOut("bold", printable(id)));
  if (conversation) {
    const end =
      conversation.resolvedAt === undefined
        ? ""
        : `, resolved ${iso(conversation.resolvedAt)}${conversation.resolution ? `: ${conversation.resolution}` : ""}`;
    terminal.out(
      printable(
        `conversation since ${iso(conversation.startedAt)} with ${conversation.participants.join(", ") || "nobody"}, turns: ${conversation.turns}${end}`,
      ),
    );
  }
  for (const entry of page.entries) terminal.out(entryText(terminal.styleOut, entry));
  sayMore(terminal, page.next);
  return exitCodes.done;
}

export async function runThreadsResume(
  terminal: Terminal,
  ids: readonly string[],
  options: ConfigOption & { readonly json?: boolean },
): Promise<number> {
  await using opened = await openStoreOf(options);
  const { changed, skipped } = await opened.store.inbox.resume(ids);
  if (options.json) terminal.out(JSON.stringify({ changed, skipped }, undefined, 2));
  else terminal.out(`resumed ${changed}`);
  for (const { id, reason } of skipped) terminal.err(`${id} was left alone: ${reason}`);
  if (changed > 0) terminal.err('"jackfield run" gives them their turn');
  return skipped.length > 0 ? exitCodes.failed : exitCodes.done;
}

export async function runThreadsResolve(
  terminal: Terminal,
  id: string,
  resolution: string | undefined,
  options: ConfigOption,
): Promise<number> {
  await using opened = await openStoreOf(options);
  const { threads } = opened.store;
  if (!(await threads.get(id))) return unknown(terminal, id);
  const at = Date.now();
  await threads.track([
    { type: "resolved", thread: id, at, ...(resolution === undefined ? {} : { resolution }) },
  ]);
  terminal.out(`resolved ${printable(id)}`);
  return exitCodes.done;
}

function unknown(terminal: Terminal, id: string): number {
  terminal.err(
    printable(
      `there is no thread "${id}" in this store: "jackfield threads list" has them all, as channel/name`,
    ),
  );
  return exitCodes.failed;
}

function pageOf({ limit, after }: PageOptions): { readonly limit: number; readonly after?: string } {
  return { limit, ...(after === undefined ? {} : { after }) };
}

function sayMore(terminal: Terminal, next: string | undefined): void {
  if (next !== undefined) terminal.err(`there are more: --after '${next}' goes on from here`);
}

function threadJson({ startedAt, lastAt, conversation, ...thread }: ThreadSummary): object {
  return {
    ...thread,
    startedAt: iso(startedAt),
    lastAt: iso(lastAt),
    conversation: conversation && {
      ...conversation,
      startedAt: iso(conversation.startedAt),
      resolvedAt: iso(conversation.resolvedAt),
    },
  };
}

function entryJson(entry: TimelineEntry): object {
  const at = iso(entry.at);
  switch (entry.type) {
    case "inbound": {
      const { receivedAt, ...message } = entry.message;
      return { ...entry, at, message: { ...message, receivedAt: iso(receivedAt) } };
    }
    case "turn":
      return { ...entry, at, turn: { ...entry.turn, at } };
    case "outbound": {
      const { createdAt, updatedAt, dueAt, expiresAt, ...delivery } = entry.delivery;
      const times = {
        createdAt: iso(createdAt),
        updatedAt: iso(updatedAt),
        dueAt: iso(dueAt),
        expiresAt: iso(expiresAt),
      };
      return { ...entry, at, delivery: { ...delivery, ...times } };
    }
    case "attempt":
      return { ...entry, at, attempt: attemptJson(entry.attempt) };
  }
}

/** One entry as a person reads it: when, what, and below it what belongs to it. */
function entryText(style: Style, entry: TimelineEntry): string {
  const at = style("dim", iso(entry.at));
  switch (entry.type) {
    case "inbound": {
      const { message, state, reason, turnOf } = entry;
      const into = turnOf === undefined ? "" : state === "merged" ? ` into ${turnOf}` : `, told to ${turnOf}`;
      const why = reason === undefined ? "" : `: ${reason}`;
      const what = printable(`${message.sender}  ${message.id}  ${state}${into}${why}`);
      return [`${at}  ${style("cyan", "in ")} ${what}`, ...indented(message.content)].join("\n");
    }
    case "turn":
      return `${at}  ${turnText(style, entry.turn)}  ${entry.inbound}`;
    case "outbound": {
      const { id, state, channel } = entry.delivery;
      const head = `${at}  ${style("green", "out")} ${channel}  ${id}  ${state}`;
      return [head, ...indented(entry.content)].join("\n");
    }
    case "attempt":
      return `${at}    ${attemptLines(style, entry.attempt).join("\n")}  ${entry.delivery}`;
  }
}

function turnText(style: Style, { number, durationMs, failure, waitMs }: StoredTurn): string {
  const facts = [
    `turn ${number}`,
    failure ? style("yellow", failure.kind) : style("green", "handled"),
    ...(durationMs === undefined ? [] : [duration(durationMs)]),
    ...(failure ? [printable(failure.message)] : []),
    ...(waitMs === undefined ? [] : [`next turn after ${duration(waitMs)}`]),
  ];
  return facts.join("  ");
}

function indented(text: string): string[] {
  return text === "" ? [] : [`      ${printable(text).replaceAll("\n", "\n      ")}`];
}
