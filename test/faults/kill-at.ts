// A preload: `JACKFIELD_FAULTS_KILL_AT=after-commit:3 node --import ./test/faults/kill-at.ts ...` kills the process with SIGKILL when
// it passes that point for the third time. It listens to what Node and undici offer to be listened to; the packages know nothing of it.
import { subscribe } from "node:diagnostics_channel";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { type KillPoint, killAtVariable, parseKillAt } from "./kill-points.ts";

const nothing = () => undefined;
const listenTo: Readonly<Record<KillPoint, (pass: () => void) => void>> = {
  "before-commit": (pass) => aroundCommits(pass, nothing),
  "after-commit": (pass) => aroundCommits(nothing, pass),
  "request-sent": (pass) => subscribe("undici:request:bodySent", pass),
  "answer-begun": (pass) => subscribe("undici:request:headers", pass),
  "answer-ended": (pass) => subscribe("undici:request:trailers", pass),
};

const text = process.env[killAtVariable];
if (text !== undefined) {
  const { point, time } = parseKillAt(text);
  let passed = 0;
  listenTo[point](() => {
    passed++;
    if (passed === time) process.kill(process.pid, "SIGKILL");
  });
}

/** A COMMIT is a prepared statement for the store's group commit, and text for its migrations. */
function aroundCommits(before: () => void, after: () => void): void {
  const isCommit = (sql: unknown) => sql === "COMMIT";
  const { run } = StatementSync.prototype;
  StatementSync.prototype.run = function (this: StatementSync, ...values: Parameters<typeof run>) {
    if (!isCommit(this.sourceSQL)) return run.apply(this, values);
    before();
    const result = run.apply(this, values);
    after();
    return result;
  } as typeof run;
  const { exec } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    if (isCommit(sql)) before();
    exec.call(this, sql);
    if (isCommit(sql)) after();
  };
}
