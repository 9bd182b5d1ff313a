import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { TimelineEntry } from "@jackfield/core";
import { inboundStateFrom } from "../inbox/inbound-states.ts";
import { type InboxQueries, inboundMessageIn, turnOf } from "../inbox/inbox-queries.ts";
import { attemptOf, messageOf, type Queries } from "../outbox/queries.ts";

type Row = Record<string, SQLOutputValue>;

/** Where an entry stands: its moment, its kind, its message's or delivery's place in the order of acceptance, its number in that. */
export type Place = readonly [at: number, kind: number, seq: number, number: number];

/** Entries of one moment stand in this order: what was said, what was made of it, what went out, and how. */
const kinds = ["inbound", "turn", "outbound", "attempt"] as const;

const places = `
  SELECT received_at AS at, 0 AS kind, seq, 0 AS number FROM inbound WHERE thread = :thread
  UNION ALL
  SELECT at, 1, turns.seq, number FROM turns JOIN inbound ON inbound.seq = turns.seq WHERE thread = :thread
  UNION ALL
  SELECT created_at, 2, seq, 0 FROM deliveries WHERE thread = :thread
  UNION ALL
  SELECT at, 3, attempts.seq, number FROM attempts JOIN deliveries ON deliveries.seq = attempts.seq WHERE thread = :thread`;

/** What happened in a thread, in order. */
export class Timeline {
  readonly #database: DatabaseSync;
  readonly #inbox: InboxQueries;
  readonly #outbox: Queries;

  constructor(database: DatabaseSync, inbox: InboxQueries, outbox: Queries) {
    this.#database = database;
    this.#inbox = inbox;
    this.#outbox = outbox;
  }

  page(
    thread: number,
    limit: number,
    [at = -1e300, kind = 0, seq = 0, number = 0]: Place | [],
  ): { readonly entries: TimelineEntry[]; readonly next?: Place } {
    const rows = this.#database
      .prepare(
        `SELECT * FROM (${places}) WHERE (at, kind, seq, number) > (:at, :kind, :seq, :number)
         ORDER BY at, kind, seq, number LIMIT :limit`,
      )
      .all({ thread, at, kind, seq, number, limit: limit + 1 });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      entries: page.map((row) => this.#entryAt(row)),
      ...(last ? { next: [Number(last.at), Number(last.kind), Number(last.seq), Number(last.number)] } : {}),
    };
  }

  #entryAt(place: Row): TimelineEntry {
    const { at, seq, number } = {
      at: Number(place.at),
      seq: Number(place.seq),
      number: Number(place.number),
    };
    const type = kinds[Number(place.kind)];
    switch (type) {
      case "inbound": {
        const row = this.#row("inbound", seq);
        const message = inboundMessageIn(row);
        return { type, at, message, state: inboundStateFrom(row.state), ...this.#inbox.contextOf(row) };
      }
      case "turn": {
        const inbound = String(this.#row("inbound", seq).id);
        return { type, at, inbound, turn: turnOf(this.#row("turns", seq, number)) };
      }
      case "outbound": {
        const row = this.#row("deliveries", seq);
        const { content } = messageOf(row);
        const inReplyTo = row.in_reply_to === null ? {} : { inReplyTo: String(row.in_reply_to) };
        return { type, at, delivery: this.#outbox.summaryOf(row), content, ...inReplyTo };
      }
      default: {
        const delivery = String(this.#row("deliveries", seq).id);
        return { type: "attempt", at, delivery, attempt: attemptOf(this.#row("attempts", seq, number)) };
      }
    }
  }

  #row(table: "inbound" | "deliveries" | "turns" | "attempts", seq: number, number?: number): Row {
    const which = number === undefined ? "seq = ?" : "seq = ? AND number = ?";
    const values = number === undefined ? [seq] : [seq, number];
    const row = this.#database.prepare(`SELECT * FROM ${table} WHERE ${which}`).get(...values);
    if (!row) throw new TypeError(`${table} has no row ${values.join(", ")}, which was there a moment ago`);
    return row;
  }
}
