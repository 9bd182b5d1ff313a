import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { InboundMessage, InboundRecord, InboundState, StoredTurn } from "@jackfield/core";
import { readMessage } from "./claim-turns.ts";
import { inboundStateFrom } from "./inbound-states.ts";

type Row = Record<string, SQLOutputValue>;

/** Reads inbound messages for people and programs; nothing here changes anything. */
export class InboxQueries {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(id: string): InboundRecord | undefined {
    const row = this.#database.prepare("SELECT * FROM inbound WHERE id = ?").get(id);
    if (!row) return undefined;
    const turns = this.#database
      .prepare("SELECT * FROM turns WHERE seq = ? ORDER BY number")
      .all(Number(row.seq));
    return {
      message: inboundMessageIn(row),
      state: inboundStateFrom(row.state),
      updatedAt: Number(row.updated_at),
      ...(row.due_at === null ? {} : { dueAt: Number(row.due_at) }),
      ...this.contextOf(row),
      turns: turns.map(turnOf),
    };
  }

  /** Why a message is in its state, and in whose turn it went. */
  contextOf(row: Row): Pick<InboundRecord, "reason" | "turnOf"> {
    const of =
      row.turn_of === null
        ? undefined
        : this.#database.prepare("SELECT id FROM inbound WHERE seq = ?").get(Number(row.turn_of));
    return {
      ...(row.reason === null ? {} : { reason: String(row.reason) }),
      ...(of ? { turnOf: String(of.id) } : {}),
    };
  }

  counts(): { readonly state: InboundState; readonly count: number }[] {
    return this.#database
      .prepare("SELECT state, count(*) AS count FROM inbound GROUP BY state ORDER BY state")
      .all()
      .map(({ state, count }) => ({ state: inboundStateFrom(state), count: Number(count) }));
  }
}

/** A damaged record is still shown, with what is known of it. */
export function inboundMessageIn(row: Row): InboundMessage {
  return (
    readMessage(row.message) ?? {
      id: String(row.id),
      channel: "",
      sender: "",
      content: "(this record is damaged)",
      receivedAt: Number(row.received_at),
    }
  );
}

export function turnOf(row: Row): StoredTurn {
  return {
    number: Number(row.number),
    at: Number(row.at),
    ...(row.duration_ms === null ? {} : { durationMs: Number(row.duration_ms) }),
    ...(row.failure === null
      ? {}
      : { failure: JSON.parse(String(row.failure)) as NonNullable<StoredTurn["failure"]> }),
    ...(row.wait_ms === null ? {} : { waitMs: Number(row.wait_ms) }),
  };
}
