import {
  type Conversation,
  type ConversationEvent,
  parseThreadKey,
  type ThreadSummary,
  type Threads,
  type TimelineEntry,
} from "@jackfield/core";
import type { MemoryInbox } from "./memory-inbox.ts";
import type { MemoryOutbox } from "./memory-outbox.ts";
import { summaryOf } from "./row.ts";

/** Entries of one moment stand in this order: what was said, what was made of it, what went out, and how. */
const ranks = { inbound: 0, turn: 1, outbound: 2, attempt: 3 } as const;

/** The record of threads in memory: made anew of all the rows with each question. */
export class MemoryThreads implements Threads {
  readonly #inbox: MemoryInbox;
  readonly #outbox: MemoryOutbox;
  /** By thread, the last conversation at the end. */
  readonly #conversations = new Map<string, Conversation[]>();

  constructor(inbox: MemoryInbox, outbox: MemoryOutbox) {
    this.#inbox = inbox;
    this.#outbox = outbox;
  }

  async list(
    { channel }: { readonly channel?: string },
    { limit, after }: { readonly limit: number; readonly after?: string },
  ) {
    const from: [number, string] = after === undefined ? [Number.POSITIVE_INFINITY, ""] : JSON.parse(after);
    const found = this.#ids()
      .flatMap((id) => this.#summaryOf(id) ?? [])
      .filter((thread) => channel === undefined || thread.channel === channel)
      .sort((a, b) => b.lastAt - a.lastAt || (a.id < b.id ? 1 : -1))
      .filter(({ lastAt, id }) => lastAt < from[0] || (lastAt === from[0] && id < from[1]));
    const threads = found.slice(0, limit);
    const last = threads.at(-1);
    return {
      threads,
      ...(found.length > limit && last ? { next: JSON.stringify([last.lastAt, last.id]) } : {}),
    };
  }

  async get(id: string): Promise<ThreadSummary | undefined> {
    return this.#summaryOf(id);
  }

  #ids(): readonly string[] {
    const ids = [...this.#inbox.rows, ...this.#outbox.rows].flatMap(({ thread }) => thread ?? []);
    return [...new Set(ids)];
  }

  #summaryOf(id: string): ThreadSummary | undefined {
    const key = parseThreadKey(id);
    const inbound = this.#inbox.rows.filter(({ thread }) => thread === id);
    const outbound = this.#outbox.rows.filter(({ thread }) => thread === id);
    const times = [
      ...inbound.map(({ acceptedAt }) => acceptedAt),
      ...outbound.map(({ createdAt }) => createdAt),
    ];
    if (!key || times.length === 0) return undefined;
    const conversation = this.#conversations.get(id)?.at(-1);
    return {
      id,
      ...key,
      startedAt: Math.min(...times),
      lastAt: Math.max(...times),
      inboundCount: inbound.length,
      outboundCount: outbound.length,
      ...(conversation ? { conversation } : {}),
    };
  }

  async timeline(id: string, { limit, after }: { readonly limit: number; readonly after?: string }) {
    const from: readonly number[] = after === undefined ? [] : JSON.parse(after);
    const found = this.#placed(id)
      .filter(({ place }) => compare(place, from) > 0)
      .sort((a, b) => compare(a.place, b.place));
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map(({ entry }) => entry),
      ...(found.length > limit && last ? { next: JSON.stringify(last.place) } : {}),
    };
  }

  /** Every entry of a thread with its place: the moment, the kind, and the order within. */
  #placed(id: string): { readonly entry: TimelineEntry; readonly place: readonly number[] }[] {
    const placed = (entry: TimelineEntry, seq: number, number = 0) => ({
      entry,
      place: [entry.at, ranks[entry.type], seq, number],
    });
    const inbound = this.#inbox.rows
      .filter(({ thread }) => thread === id)
      .flatMap(({ seq, message, state, acceptedAt: at, reason, turnOf, turns }) => [
        placed(
          {
            type: "inbound",
            at,
            message,
            state,
            ...(reason === undefined ? {} : { reason }),
            ...(turnOf === undefined ? {} : { turnOf: turnOf.message.id }),
          },
          seq,
        ),
        ...turns.map((turn) =>
          placed({ type: "turn", at: turn.at, inbound: message.id, turn }, seq, turn.number),
        ),
      ]);
    const outbound = this.#outbox.rows
      .filter(({ thread }) => thread === id)
      .flatMap((row) => [
        placed(
          {
            type: "outbound",
            at: row.createdAt,
            delivery: summaryOf(row),
            content: row.message.content,
            ...(row.inReplyTo === undefined ? {} : { inReplyTo: row.inReplyTo }),
          },
          row.seq,
        ),
        ...row.attempts.map((attempt) =>
          placed({ type: "attempt", at: attempt.at, delivery: row.id, attempt }, row.seq, attempt.number),
        ),
      ]);
    return [...inbound, ...outbound];
  }

  /** Forgets the conversations of threads of which nothing is kept. */
  prune(): void {
    for (const id of this.#conversations.keys()) if (!this.#summaryOf(id)) this.#conversations.delete(id);
  }

  async track(events: readonly ConversationEvent[]): Promise<void> {
    for (const event of events) if (this.#summaryOf(event.thread)) this.#track(event);
  }

  #track(event: ConversationEvent): void {
    const { thread, at } = event;
    const all = this.#conversations.get(thread) ?? [];
    this.#conversations.set(thread, all);
    const last = all.at(-1);
    const present =
      last && (last.resolvedAt === undefined || event.type !== "message")
        ? last
        : { startedAt: at, turns: 0, participants: [] };
    const next = changed(present, event);
    all.splice(present === last ? -1 : all.length, present === last ? 1 : 0, next);
  }
}

function changed(conversation: Conversation, event: ConversationEvent): Conversation {
  switch (event.type) {
    case "message":
      return {
        ...conversation,
        participants: [...new Set([...conversation.participants, event.participant])],
      };
    case "turn":
      return { ...conversation, turns: conversation.turns + 1 };
    case "resolved": {
      const { at: resolvedAt, resolution } = event;
      return { ...conversation, resolvedAt, ...(resolution === undefined ? {} : { resolution }) };
    }
  }
}

/** Places are compared number by number; the empty one is before all others. */
function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, place) => number !== b[place]);
  if (index === -1) return 0;
  return (a[index] ?? 0) - (b[index] ?? Number.NEGATIVE_INFINITY);
}
