import type { DatabaseSync, SQLInputValue, SQLOutputValue } from "node:sqlite";
import type {
  ChannelRecord,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  DeliveryState,
  DeliverySummary,
  FailureKind,
  OutboundMessage,
  Receipt,
  StoredAttempt,
} from "@jackfield/core";
import { attention, needsAttention, stateFromNumber, stateNumber } from "../states.ts";
import type { ChannelNumbers } from "./channel-numbers.ts";

type Row = Record<string, SQLOutputValue>;

/** A filter as a condition in SQL; every value is a parameter. */
export function conditionOf(
  filter: DeliveryFilter,
  channels: ChannelNumbers,
): { readonly sql: string; readonly values: SQLInputValue[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (sql: string, ...parameters: SQLInputValue[]) => {
    conditions.push(sql);
    values.push(...parameters);
  };
  if (filter.ids) add(`id IN (${filter.ids.map(() => "?").join(", ")})`, ...filter.ids);
  if (filter.channel !== undefined) add("channel = ?", channels.find(filter.channel) ?? -1);
  if (filter.states) {
    add(`state IN (${filter.states.map(stateNumber).join(", ")})`);
    // In the words of the index, so that SQLite sees that it may use it.
    if (filter.states.every(needsAttention)) add(attention);
  }
  if (filter.failureKind !== undefined) add("failure_kind = ?", filter.failureKind);
  if (filter.threadId !== undefined) add("thread_id = ?", filter.threadId);
  if (filter.since !== undefined) add("updated_at >= ?", filter.since);
  if (filter.until !== undefined) add("updated_at < ?", filter.until);
  return { sql: conditions.length > 0 ? conditions.join(" AND ") : "1", values };
}

/** Reads deliveries for people and programs; nothing here changes anything. */
export class Queries {
  readonly #database: DatabaseSync;
  readonly #channels: ChannelNumbers;

  constructor(database: DatabaseSync, channels: ChannelNumbers) {
    this.#database = database;
    this.#channels = channels;
  }

  get(id: string): Delivery | undefined {
    const row = this.#database.prepare("SELECT * FROM deliveries WHERE id = ?").get(id);
    if (!row) return undefined;
    const attempts = this.#database
      .prepare("SELECT * FROM attempts WHERE seq = ? ORDER BY number")
      .all(Number(row.seq));
    return {
      ...this.#commonOf(row),
      message: messageOf(row),
      ...(row.in_reply_to === null ? {} : { inReplyTo: String(row.in_reply_to) }),
      ...(row.receipt === null ? {} : { receipt: JSON.parse(String(row.receipt)) as Receipt }),
      attempts: attempts.map(attemptOf),
    };
  }

  list(
    filter: DeliveryFilter,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): DeliveryPage {
    const { sql, values } = conditionOf(filter, this.#channels);
    const rows = this.#database
      .prepare(`SELECT * FROM deliveries WHERE ${sql} AND seq < ? ORDER BY seq DESC LIMIT ?`)
      .all(...values, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1);
    const page = rows.slice(0, limit);
    const next = rows.length > limit ? page.at(-1)?.seq : undefined;
    return {
      deliveries: page.map((row) => this.summaryOf(row)),
      ...(next === undefined ? {} : { next: String(next) }),
    };
  }

  counts(): { readonly channel: string; readonly state: DeliveryState; readonly count: number }[] {
    return this.#database
      .prepare(
        "SELECT channel, state, count(*) AS count FROM deliveries GROUP BY channel, state ORDER BY channel, state",
      )
      .all()
      .map((row) => ({
        channel: this.#channels.idOf(Number(row.channel)),
        state: stateFromNumber(row.state),
        count: Number(row.count),
      }));
  }

  channels(): ChannelRecord[] {
    return this.#database
      .prepare("SELECT * FROM channels ORDER BY id")
      .all()
      .map((row) => ({
        channel: String(row.id),
        ...(row.suspended_at === null ? {} : { suspendedAt: Number(row.suspended_at) }),
        ...(row.reason === null ? {} : { reason: String(row.reason) }),
        ...(row.config_digest === null ? {} : { configDigest: String(row.config_digest) }),
      }));
  }

  summaryOf(row: Row): DeliverySummary {
    return {
      ...this.#commonOf(row),
      createdAt: Number(row.created_at),
      attemptCount: Number(row.attempts),
      ...(row.thread_id === null ? {} : { threadId: String(row.thread_id) }),
      ...(row.failure_kind === null ? {} : { failureKind: String(row.failure_kind) as FailureKind }),
    };
  }

  #commonOf(row: Row): Omit<Delivery, "message" | "attempts" | "receipt"> {
    return {
      id: String(row.id),
      channel: this.#channels.idOf(Number(row.channel)),
      state: stateFromNumber(row.state),
      updatedAt: Number(row.updated_at),
      ...(row.ordering_key === null ? {} : { orderingKey: String(row.ordering_key) }),
      // What is paused has a time as well, at which it expires.
      ...(row.due_at === null || row.state === stateNumber("paused") ? {} : { dueAt: Number(row.due_at) }),
      ...(row.expires_at === null ? {} : { expiresAt: Number(row.expires_at) }),
      ...(row.reason === null ? {} : { reason: String(row.reason) }),
    };
  }
}

/** A damaged record is still shown, with what is known of it. */
export function messageOf(row: Row): OutboundMessage {
  try {
    return JSON.parse(String(row.message)) as OutboundMessage;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const id = String(row.id);
    return { id, idempotencyKey: id, createdAt: Number(row.created_at), content: "(this record is damaged)" };
  }
}

export function attemptOf(row: Row): StoredAttempt {
  return {
    number: Number(row.number),
    at: Number(row.at),
    durationMs: Number(row.duration_ms),
    ...(row.status === null ? {} : { status: Number(row.status) }),
    ...(row.failure === null
      ? {}
      : { failure: JSON.parse(String(row.failure)) as NonNullable<StoredAttempt["failure"]> }),
    ...(row.wait_ms === null ? {} : { waitMs: Number(row.wait_ms) }),
  };
}
