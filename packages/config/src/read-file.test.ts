import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { errorOf, folderWith, load, minimal, problemOf } from "./test-support.ts";

const utf8 = new TextEncoder();

test("a file that does not exist is answered with what to do", async () => {
  expect(await problemOf(undefined)).toEqual({
    code: "file_missing",
    path: "",
    file: "jackfield.toml",
    message:
      "does not exist: `jackfield config init` writes one, `-c FILE` or JACKFIELD_CONFIG names another",
  });
});

test("a directory is called a directory", async () => {
  const cwd = await folderWith(undefined);
  await mkdir(join(cwd, "jackfield.toml"));
  expect(await problemOf(undefined, { cwd })).toMatchObject({
    code: "file_is_directory",
    message: "is a directory: name the file in it, with -c FILE",
  });
});

// Root may read everything.
test.skipIf(process.getuid?.() === 0)("a file that must not be read says so", async () => {
  const cwd = await folderWith(minimal);
  await chmod(join(cwd, "jackfield.toml"), 0);
  expect(await problemOf(undefined, { cwd })).toMatchObject({ code: "file_unreadable" });
});

test("a refusal of the system that says EACCES is about permissions", async () => {
  const readFile = () => Promise.reject(Object.assign(new Error("EACCES"), { code: "EACCES" }));
  const error = await errorOf(undefined, { readFile });
  expect(error.problems).toMatchObject([
    { code: "file_unreadable", message: "must not be read by this user: change its permissions" },
  ]);
  expect(error.cause).toMatchObject({ code: "EACCES" });
});

test("any other refusal of the system is named", async () => {
  const readFile = () => Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
  expect(await problemOf(undefined, { readFile })).toMatchObject({
    code: "file_unreadable",
    message: "cannot be read (EIO)",
  });
});

test("a byte that is not UTF-8 is named by its offset and line", async () => {
  const bytes = new Uint8Array([...utf8.encode("version = 1\n# caf"), 0xe9, 0x0a]);
  expect(await problemOf(bytes)).toMatchObject({
    code: "file_not_utf8",
    message: "is not UTF-8: the first byte that does not fit is at offset 17, in line 2; save it as UTF-8",
  });
});

test("a last character that is cut off is named by where it begins", async () => {
  const bytes = utf8.encode("version = 1 # é").subarray(0, -1);
  expect((await problemOf(bytes)).message).toContain("at offset 14, in line 1");
});

test.each([
  ["little", [0xff, 0xfe, 0x76, 0x00]],
  ["big", [0xfe, 0xff, 0x00, 0x76]],
])("UTF-16 in %s-endian order is called UTF-16", async (_order, bytes) => {
  expect(await problemOf(new Uint8Array(bytes))).toMatchObject({
    code: "file_not_utf8",
    message: "is UTF-16 (its byte-order mark says so): save it as UTF-8",
  });
});

test("a byte-order mark of UTF-8 is accepted", async () => {
  const { deployment } = await load(`\ufeff${minimal}`);
  expect(deployment.channels.map(({ id }) => id)).toEqual(["pager.ops"]);
});

test("columns are counted behind a byte-order mark", async () => {
  expect(await problemOf("\ufeffversion = 2\n")).toMatchObject({ line: 1, column: 11 });
});
