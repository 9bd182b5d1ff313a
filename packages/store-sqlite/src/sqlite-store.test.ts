import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeStoreContract } from "@jackfield/testkit";
import { afterAll } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";

const folder = mkdtempSync(join(tmpdir(), "jackfield-store-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
describeStoreContract({
  name: "sqlite, a file",
  open: (clock) => openSqliteStore({ path: join(folder, `${files++}.db`), clock }),
});
describeStoreContract({
  name: "sqlite, in memory",
  open: (clock) => openSqliteStore({ path: ":memory:", clock }),
});
