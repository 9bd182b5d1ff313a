import type { PruneResult } from "@jackfield/core";
import { withStoreErrors } from "./database.ts";
import { ranks } from "./group-commit.ts";
import { inboundStateNumber } from "./inbox/inbound-states.ts";
import { stateNumber } from "./states.ts";
import type { StoreParts } from "./store-parts.ts";

type PruneParts = Pick<StoreParts, "database" | "path" | "commit">;

/** How many rows a transaction of a prune looks at: few enough that a message waits for it for milliseconds only. */
const prunedAtOnce = 500;

const endedWell = (["handled", "merged", "dropped", "refused"] as const).map(inboundStateNumber).join(", ");

/** What is pruned: rows that ended well, and what belongs to them. */
const kinds = [
  { table: "deliveries", ended: `state = ${stateNumber("delivered")}`, history: "attempts" },
  // What was merged into a message belongs to its turn for as long as that may be run again.
  {
    table: "inbound",
    ended: `state IN (${endedWell}) AND NOT (state = ${inboundStateNumber("merged")} AND EXISTS
      (SELECT 1 FROM inbound AS head WHERE head.seq = inbound.turn_of AND head.state <> ${inboundStateNumber("handled")}))`,
    history: "turns",
  },
] as const;

/** Deletes what ended well before a moment of the store's time, and threads of which nothing is left. */
export async function prune(parts: PruneParts, before: number): Promise<PruneResult> {
  let deleted = 0;
  for (const { table, ended, history } of kinds) {
    deleted += await inRanges(parts, table, "seq", (from, to) => {
      const { database } = parts;
      const chosen = `SELECT seq FROM ${table} WHERE seq >= ? AND seq < ? AND ${ended} AND updated_at < ?`;
      database.prepare(`DELETE FROM ${history} WHERE seq IN (${chosen})`).run(from, to, before);
      const rows = database.prepare(`DELETE FROM ${table} WHERE seq IN (${chosen})`).run(from, to, before);
      return Number(rows.changes);
    });
  }
  await inRanges(parts, "threads", "number", (from, to) => {
    const { database } = parts;
    const empty = `SELECT number FROM threads WHERE number >= ? AND number < ?
      AND NOT EXISTS (SELECT 1 FROM inbound WHERE thread = threads.number)
      AND NOT EXISTS (SELECT 1 FROM deliveries WHERE thread = threads.number)`;
    database.prepare(`DELETE FROM conversations WHERE thread IN (${empty})`).run(from, to);
    return Number(database.prepare(`DELETE FROM threads WHERE number IN (${empty})`).run(from, to).changes);
  });
  return { deleted };
}

/** Goes over a table a few rows at a time, each time in a transaction of its own. @returns the sum of what `work` returned */
async function inRanges(
  { database, path, commit }: PruneParts,
  table: string,
  key: string,
  work: (from: number, to: number) => number,
): Promise<number> {
  const bounds = database.prepare(`SELECT min(${key}) AS first, max(${key}) AS last FROM ${table}`);
  const row = withStoreErrors(path, () => bounds.get());
  const [first, last] = [Number(row?.first ?? 1), Number(row?.last ?? 0)];
  let sum = 0;
  for (let from = first; from <= last; from += prunedAtOnce) {
    sum += await commit.add(ranks.command, () => work(from, from + prunedAtOnce));
  }
  return sum;
}
