import { chmod, lstat, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { setInText } from "./edit-text.ts";
import { parseToml } from "./parse-toml.ts";
import { removeConfigValue, setConfigValue } from "./set-value.ts";
import { parseSyntaxTree } from "./syntax-tree.ts";
import { folderWith, minimal, types } from "./test-support.ts";

interface Change {
  readonly key: string;
  readonly value?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Sets or removes a key in a file, and reads what has become of it. */
async function edited(toml: string, { key, value, env = {} }: Change): Promise<string> {
  const cwd = await folderWith(toml);
  const options = { path: "jackfield.toml", cwd, types, env, key };
  await (value === undefined ? removeConfigValue(options) : setConfigValue({ ...options, value }));
  return readFile(join(cwd, "jackfield.toml"), "utf8");
}

const ops = "channels.pager.ops";
const head = 'version = 1\n[channels.pager.ops]\nsendUrl = "http://a.example"\n';

test.each([
  ["a value", `${head}volume = 1 # loud\n`, `${ops}.volume`, "0.5", `${head}volume = 0.5 # loud\n`],
  ["a value in odd layout", `${head}  "volume"=1\n`, `${ops}.volume`, "0.5", `${head}  "volume"=0.5\n`],
  [
    "a value over several lines",
    `${head}retryStatuses = [ # a\n  1,\n]\nvolume = 1\n`,
    `${ops}.retryStatuses`,
    "[429]",
    `${head}retryStatuses = [429]\nvolume = 1\n`,
  ],
  [
    "a value of a dotted key",
    `version = 1\nchannels.door-bell.a.chime = "x"\n`,
    "channels.door-bell.a.chime",
    "y",
    `version = 1\nchannels.door-bell.a.chime = "y"\n`,
  ],
  [
    "a value in an inline table",
    `version = 1\nchannels = { door-bell = { a = { chime = "x" } } }\n`,
    "channels.door-bell.a.chime",
    "y",
    `version = 1\nchannels = { door-bell = { a = { chime = "y" } } }\n`,
  ],
  [
    "a literal secret, by a reference",
    `${head}token = "0123456789"\n`,
    `${ops}.token`,
    '{ env = "T" }',
    `${head}token = { env = "T" }\n`,
  ],
])("%s is replaced in its place", async (_what, toml, key, value, expected) => {
  expect(await edited(toml, { key, value, env: { T: "0123456789" } })).toBe(expected);
});

test.each([
  [
    "the end of its table",
    `${head}# end\n\n[channels.door-bell.a]\n`,
    `${ops}.volume`,
    "1",
    `${head}volume = 1\n# end\n\n[channels.door-bell.a]\n`,
  ],
  [
    "the end of its table, behind a comment",
    `${head}label = "ab" # x\n`,
    `${ops}.volume`,
    "1",
    `${head}label = "ab" # x\nvolume = 1\n`,
  ],
  [
    "the end of its table, indented like its last key",
    `version = 1\n[channels.door-bell.a]\n\tchime = "x"\n`,
    "channels.door-bell.a.maxRetries",
    "1",
    `version = 1\n[channels.door-bell.a]\n\tchime = "x"\n\tmaxRetries = 1\n`,
  ],
  [
    "an empty table",
    "version = 1\n[channels.door-bell.a] # x\n",
    "channels.door-bell.a.chime",
    "y",
    'version = 1\n[channels.door-bell.a] # x\nchime = "y"\n',
  ],
  [
    "the end of a file without a last newline",
    "version = 1\n[channels.door-bell.a]",
    "channels.door-bell.a.chime",
    "y",
    'version = 1\n[channels.door-bell.a]\nchime = "y"',
  ],
  [
    "the side of its siblings, where their keys are dotted",
    'version = 1\nchannels.door-bell.a.chime = "x"\n\n[channels.pager]\n',
    "channels.door-bell.a.maxRetries",
    "1",
    'version = 1\nchannels.door-bell.a.chime = "x"\nchannels.door-bell.a.maxRetries = 1\n\n[channels.pager]\n',
  ],
  [
    "an inline table",
    'version = 1\nchannels.door-bell = { a = { chime = "x" } }\n',
    "channels.door-bell.a.maxRetries",
    "1",
    'version = 1\nchannels.door-bell = { a = { chime = "x", maxRetries = 1 } }\n',
  ],
  [
    "an empty inline table",
    "version = 1\nchannels.door-bell = { a = { } }\n",
    "channels.door-bell.a.maxRetries",
    "1",
    "version = 1\nchannels.door-bell = { a = { maxRetries = 1 } }\n",
  ],
  [
    "an inline table, dotted where it is deeper",
    "version = 1\nchannels.door-bell = {}\n",
    "channels.door-bell.a.chime",
    "x",
    'version = 1\nchannels.door-bell = { a.chime = "x" }\n',
  ],
  [
    "a table of its own at the end of the file",
    `${head}`,
    `${ops}.headers.x-a`,
    "b",
    `${head}\n[channels.pager.ops.headers]\nx-a = "b"\n`,
  ],
  [
    "a table of its own, its name in quotes where it has to be",
    "version = 1\n",
    "channels.door-bell.a.chime",
    "x",
    'version = 1\n\n[channels.door-bell.a]\nchime = "x"\n',
  ],
  [
    "the top, where there are no tables",
    "#:schema ./x.json\n# hi\n",
    "version",
    "1",
    "#:schema ./x.json\n# hi\nversion = 1\n",
  ],
  [
    "the top, before the first table",
    "\n[channels.door-bell.a]\n",
    "version",
    "1",
    "version = 1\n\n[channels.door-bell.a]\n",
  ],
])("a new key goes to %s", async (_where, toml, key, value, expected) => {
  expect(await edited(toml, { key, value })).toBe(expected);
});

test("the line endings of Windows are kept", async () => {
  const toml = head.replaceAll("\n", "\r\n");
  expect(await edited(toml, { key: `${ops}.volume`, value: "1" })).toBe(`${toml}volume = 1\r\n`);
});

test("a new table in a file of Windows has its line endings", async () => {
  const toml = head.replaceAll("\n", "\r\n");
  const added = '\r\n[channels.pager.ops.headers]\r\na = "b"\r\n';
  expect(await edited(toml, { key: `${ops}.headers.a`, value: "b" })).toBe(toml + added);
});

test("a byte-order mark is kept", async () => {
  expect(await edited(`\ufeff${head}`, { key: `${ops}.volume`, value: "1" })).toBe(
    `\ufeff${head}volume = 1\n`,
  );
});

test.each([
  [
    "a line, with its comment",
    `${head}volume = 1 # x\nlabel = "ab"\n`,
    `${ops}.volume`,
    `${head}label = "ab"\n`,
  ],
  ["an indented line", `${head}  volume = 1\nlabel = "ab"\n`, `${ops}.volume`, `${head}label = "ab"\n`],
  ["a last line without newline", `${head}volume = 1`, `${ops}.volume`, head],
  [
    "the first of an inline table",
    `${head}hours = { to = 1, from = 2 }\n`,
    `${ops}.hours.to`,
    `${head}hours = { from = 2 }\n`,
  ],
  [
    "the last of an inline table",
    `${head}hours = { from = 2, to = 1 }\n`,
    `${ops}.hours.to`,
    `${head}hours = { from = 2 }\n`,
  ],
  [
    "the only one of an inline table",
    `${head}headers = { a = "b" }\n`,
    `${ops}.headers.a`,
    `${head}headers = {}\n`,
  ],
  ["a whole inline table", `${head}hours = { from = 2 }\n`, `${ops}.hours`, head],
])("removing takes %s", async (_what, toml, key, expected) => {
  expect(await edited(toml, { key })).toBe(expected);
});

const layouts = [
  '# a\nversion = 1\n\n[channels.door-bell.a]\nchime = "x" # y\nmaxRetries = 1\n\n# z\n[channels.door-bell.b]\n',
  'version = 1\nchannels.door-bell.a.chime = """\nx\n"""\nchannels.door-bell.a."maxRetries" = 0x1f\n',
  "version = 1\r\n[channels]\r\ndoor-bell = { a = { 'chime' = 'x', maxRetries = 1 }, b = {} }\r\n",
  "version = 1\n[channels.'door-bell']\na.chime = 'x'\n# c\na.maxRetries = 1\n[channels]\n",
];
const change = fc.oneof(
  fc.record({
    key: fc.constant("chime"),
    value: fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
  }),
  fc.record({ key: fc.constant("maxRetries"), value: fc.nat() }),
  fc.record({ key: fc.constant("retrySchedule"), value: fc.array(fc.nat()) }),
);

test("whatever is set is what is then read, and no other byte has changed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...layouts),
      fc.constantFrom("a", "b", "c"),
      change,
      async (text, alias, set) => {
        const path = ["channels", "door-bell", alias, set.key];
        const tree = await parseSyntaxTree(text);
        const result = tree && setInText(text, tree, path, set.value);
        if (typeof result !== "string") throw new Error(result?.reason);
        const [before, after] = [JSON.parse(JSON.stringify(parseToml(text))), parseToml(result)];
        before.document.channels["door-bell"][alias] ??= {};
        before.document.channels["door-bell"][alias][set.key] = set.value;
        expect(JSON.parse(JSON.stringify(after))).toEqual(before);
        expect(isOneSplice(text, result)).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});

/** Whether a text came from another by replacing one piece, which lies on the lines of one value or between lines. */
function isOneSplice(before: string, after: string): boolean {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end))
    end++;
  const removed = before.slice(start, before.length - end);
  return /^[^#[\]{}=]*$/.test(removed);
}

test("a path that is typed wrong is answered with the right one", async () => {
  await expect(edited(head, { key: `${ops}.volum`, value: "1" })).rejects.toMatchObject({
    code: "CONFIG_PATH_UNKNOWN",
    message: `there is no ${ops}.volum in the configuration, did you mean "${ops}.volume"?`,
  });
});

test("a place in an array is no key", async () => {
  await expect(edited(head, { key: `${ops}.retryStatuses[0]`, value: "1" })).rejects.toMatchObject({
    code: "CONFIG_PATH_INVALID",
  });
});

test.each([
  [
    "a table",
    `${head}[${ops}.hours]\nfrom = 1\n`,
    `${ops}.hours`,
    "{ from = 2 }",
    /^channels.pager.ops.hours was not changed: it is a table: set its keys one by one;/,
  ],
  ["null", head, `${ops}.retrySchedule`, "[null]", /: TOML has no null;/],
])("%s cannot be set, and the message says why", async (_what, toml, key, value, message) => {
  await expect(edited(toml, { key, value })).rejects.toMatchObject({
    code: "CONFIG_NOT_EDITABLE",
    message: expect.stringMatching(message),
  });
});

test("what is not in the file cannot be removed", async () => {
  await expect(edited(head, { key: `${ops}.volume` })).rejects.toThrow("it is not in the file");
});

test("what is needed cannot be removed", async () => {
  await expect(edited(head, { key: `${ops}.sendUrl` })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
});

/** The folder of a file, and what was thrown when a key was set in it. */
async function refused(toml: string, change: Required<Pick<Change, "key" | "value">> & Change) {
  const cwd = await folderWith(toml);
  const error = await setConfigValue({ path: "jackfield.toml", cwd, types, env: {}, ...change }).catch(
    (e) => e,
  );
  return { error, cwd, text: await readFile(join(cwd, "jackfield.toml"), "utf8") };
}

test("a wrong value is refused with its line, and the file stays as it was", async () => {
  const { error, cwd, text } = await refused(head, { key: `${ops}.volume`, value: "loud" });
  expect(error.problems).toMatchObject([{ path: `${ops}.volume`, line: 4, sourceLine: 'volume = "loud"' }]);
  expect(text).toBe(head);
  expect(await readdir(cwd)).toEqual(["jackfield.toml"]);
});

test("a problem elsewhere in the file is a reason not to write", async () => {
  const { error } = await refused(`${head}colour = 1\n`, { key: `${ops}.volume`, value: "1" });
  expect(error.problems).toMatchObject([{ path: `${ops}.colour` }]);
});

test("a wrong value is refused also where a variable overrides it", async () => {
  const env = { JACKFIELD_CHANNELS__PAGER__OPS__VOLUME: "1" };
  const { error } = await refused(head, { key: `${ops}.volume`, value: "loud", env });
  expect(error.problems).toMatchObject([{ path: `${ops}.volume` }]);
});

test("a key that a variable overrides is set, and the variable is named", async () => {
  const cwd = await folderWith(head);
  const env = { JACKFIELD_CHANNELS__PAGER__OPS__VOLUME: "1" };
  const options = { path: "jackfield.toml", cwd, types, env, key: `${ops}.volume`, value: "0.5" };
  expect(await setConfigValue(options)).toEqual({
    key: `${ops}.volume`,
    isChanged: true,
    overriddenBy: "JACKFIELD_CHANNELS__PAGER__OPS__VOLUME",
  });
});

test("a value that is there already changes nothing, not even the file's date", async () => {
  const cwd = await folderWith(minimal);
  const before = await stat(join(cwd, "jackfield.toml"), { bigint: true });
  const options = { path: "jackfield.toml", cwd, types, env: {}, key: "version", value: "1" };
  expect(await setConfigValue(options)).toEqual({ key: "version", isChanged: false });
  const after = await stat(join(cwd, "jackfield.toml"), { bigint: true });
  expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
});

test("the file keeps its mode", async () => {
  const cwd = await folderWith(head);
  await chmod(join(cwd, "jackfield.toml"), 0o640);
  await setConfigValue({ path: "jackfield.toml", cwd, types, env: {}, key: `${ops}.volume`, value: "1" });
  expect((await stat(join(cwd, "jackfield.toml"))).mode & 0o777).toBe(0o640);
});

test("a symbolic link stays one, and its target is changed", async () => {
  const cwd = await folderWith(undefined);
  const target = await folderWith(head);
  await symlink(join(target, "jackfield.toml"), join(cwd, "jackfield.toml"));
  await setConfigValue({ path: "jackfield.toml", cwd, types, env: {}, key: `${ops}.volume`, value: "1" });
  expect((await lstat(join(cwd, "jackfield.toml"))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(target, "jackfield.toml"), "utf8")).toBe(`${head}volume = 1\n`);
});

test("the old file is replaced and not written into", async () => {
  const cwd = await folderWith(head);
  const before = await stat(join(cwd, "jackfield.toml"));
  await setConfigValue({ path: "jackfield.toml", cwd, types, env: {}, key: `${ops}.volume`, value: "1" });
  expect((await stat(join(cwd, "jackfield.toml"))).ino).not.toBe(before.ino);
  expect(await readdir(cwd)).toEqual(["jackfield.toml"]);
});

test("a file that cannot be replaced is reported, and nothing is left behind", async () => {
  const cwd = await folderWith(undefined);
  await mkdir(join(cwd, "jackfield.toml"));
  const options = { path: "jackfield.toml", cwd, types, env: {}, key: `${ops}.volume`, value: "1" };
  const readText = async () => new TextEncoder().encode(head);
  await expect(setConfigValue({ ...options, readFile: readText })).rejects.toMatchObject({
    code: "CONFIG_NOT_WRITTEN",
    message: expect.stringContaining("was not changed (EISDIR)"),
  });
  expect(await readdir(cwd)).toEqual(["jackfield.toml"]);
});
