import type { SQLOutputValue } from "node:sqlite";
import {
  type Conversation,
  type ConversationEvent,
  parseThreadKey,
  type ThreadPage,
  type ThreadSummary,
  type Threads,
  type TimelinePage,
  threadKey,
} from "@jackfield/core";
import { withStoreErrors } from "./database.ts";
import { ranks } from "./group-commit.ts";
import type { StoreParts } from "./store-parts.ts";
import type { Place, Timeline } from "./threads/timeline.ts";
import { createTrack } from "./threads/track.ts";

type Row = Record<string, SQLOutputValue>;

interface ThreadsParts extends StoreParts {
  readonly timeline: Timeline;
}

/** The record of threads in SQLite. */
export class SqliteThreads implements Threads {
  readonly #parts: ThreadsParts;
  readonly #track: ReturnType<typeof createTrack>;

  constructor(parts: ThreadsParts) {
    this.#parts = parts;
    this.#track = createTrack(parts.database);
  }

  async list(
    { channel }: { readonly channel?: string },
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): Promise<ThreadPage> {
    const { database, channels, path } = this.#parts;
    return withStoreErrors(path, () => {
      const [lastAt = Number.MAX_SAFE_INTEGER, number = 0] = placeIn(after);
      const mine = channel === undefined ? "" : "AND channel = ?";
      const rows = database
        .prepare(
          `SELECT * FROM threads WHERE (last_at, number) < (?, ?) ${mine} ORDER BY last_at DESC, number DESC LIMIT ?`,
        )
        .all(lastAt, number, ...(channel === undefined ? [] : [channels.find(channel) ?? -1]), limit + 1);
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        threads: page.map((row) => this.#summaryOf(row)),
        ...(last ? { next: JSON.stringify([last.last_at, last.number]) } : {}),
      };
    });
  }

  async get(id: string): Promise<ThreadSummary | undefined> {
    return withStoreErrors(this.#parts.path, () => {
      const number = this.#numberOf(id);
      const row =
        number === undefined
          ? undefined
          : this.#parts.database.prepare("SELECT * FROM threads WHERE number = ?").get(number);
      return row && this.#summaryOf(row);
    });
  }

  async timeline(
    id: string,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): Promise<TimelinePage> {
    return withStoreErrors(this.#parts.path, () => {
      const number = this.#numberOf(id);
      if (number === undefined) return { entries: [] };
      const { entries, next } = this.#parts.timeline.page(number, limit, placeIn(after) as Place | []);
      return { entries, ...(next ? { next: JSON.stringify(next) } : {}) };
    });
  }

  async track(events: readonly ConversationEvent[]): Promise<void> {
    await this.#parts.commit.add(ranks.command, () => {
      for (const event of events) {
        const number = this.#numberOf(event.thread);
        if (number !== undefined) this.#track(number, event);
      }
    });
  }

  #numberOf(id: string): number | undefined {
    const key = parseThreadKey(id);
    const channel = key && this.#parts.channels.find(key.channel);
    return channel === undefined ? undefined : this.#parts.threads.find(channel, key?.name ?? "");
  }

  #summaryOf(row: Row): ThreadSummary {
    const { database, channels } = this.#parts;
    const [number, name] = [Number(row.number), String(row.name)];
    const channel = channels.idOf(Number(row.channel));
    const count = (table: "inbound" | "deliveries") =>
      Number(database.prepare(`SELECT count(*) AS count FROM ${table} WHERE thread = ?`).get(number)?.count);
    const conversation = database
      .prepare("SELECT * FROM conversations WHERE thread = ? ORDER BY number DESC LIMIT 1")
      .get(number);
    return {
      id: threadKey(channel, name),
      channel,
      name,
      startedAt: Number(row.started_at),
      lastAt: Number(row.last_at),
      inboundCount: count("inbound"),
      outboundCount: count("deliveries"),
      ...(conversation ? { conversation: conversationOf(conversation) } : {}),
    };
  }
}

function conversationOf(row: Row): Conversation {
  return {
    startedAt: Number(row.started_at),
    turns: Number(row.turns),
    participants: JSON.parse(String(row.participants)) as string[],
    ...(row.resolved_at === null ? {} : { resolvedAt: Number(row.resolved_at) }),
    ...(row.resolution === null ? {} : { resolution: String(row.resolution) }),
  };
}

/** Where a page begins; nowhere in particular for a text that is no place. */
function placeIn(after: string | undefined): readonly number[] {
  if (after === undefined) return [];
  try {
    const place: unknown = JSON.parse(after);
    return Array.isArray(place) && place.every(Number.isFinite) ? place : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
