import type { DatabaseSync } from "node:sqlite";
import type { ConversationEvent } from "@jackfield/core";

/** Records what happened to conversations. To be run inside of a transaction. */
export function createTrack(database: DatabaseSync) {
  const last = database.prepare(
    "SELECT number, participants, resolved_at FROM conversations WHERE thread = ? ORDER BY number DESC LIMIT 1",
  );
  const begin = database.prepare("INSERT INTO conversations (thread, number, started_at) VALUES (?, ?, ?)");
  const join = database.prepare("UPDATE conversations SET participants = ? WHERE thread = ? AND number = ?");
  const turn = database.prepare("UPDATE conversations SET turns = turns + 1 WHERE thread = ? AND number = ?");
  const resolve = database.prepare(
    "UPDATE conversations SET resolved_at = ?, resolution = ? WHERE thread = ? AND number = ?",
  );

  return function track(thread: number, event: ConversationEvent): void {
    const row = last.get(thread);
    const isOver = row !== undefined && row.resolved_at !== null && event.type === "message";
    const isNew = row === undefined || isOver;
    const number = Number(row?.number ?? 0) + (isNew ? 1 : 0);
    if (isNew) begin.run(thread, number, event.at);
    if (event.type === "turn") {
      turn.run(thread, number);
    } else if (event.type === "resolved") {
      resolve.run(event.at, event.resolution ?? null, thread, number);
    } else {
      const known = isNew ? [] : (JSON.parse(String(row.participants)) as string[]);
      if (!known.includes(event.participant)) {
        join.run(JSON.stringify([...known, event.participant]), thread, number);
      }
    }
  };
}
