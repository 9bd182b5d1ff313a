import { expect, test } from "vitest";
import { load, minimal, problemOf, problemsOf } from "./test-support.ts";

const withLine = (line: string) => `${minimal}${line}\n`;

test("an unknown key is named, with what was meant", async () => {
  expect(await problemOf(withLine("maxRetires = 5"))).toEqual({
    code: "unknown_key",
    path: "channels.pager.ops.maxRetires",
    message: "unknown key",
    suggestion: "maxRetries",
    file: "jackfield.toml",
    line: 5,
    column: 1,
    sourceLine: "maxRetires = 5",
    marker: { start: 0, length: 10 },
  });
});

test("an unknown key of a small table comes with the keys that there are", async () => {
  expect(await problemOf(withLine("hours = { from = 1, colour = 2 }"))).toMatchObject({
    path: "channels.pager.ops.hours.colour",
    message: "unknown key (known: from, to)",
    column: 21,
  });
});

test("an unknown key of a large table comes without a list of all keys", async () => {
  expect(await problemOf(withLine("colour = 1"))).toMatchObject({ message: "unknown key" });
});

test("an unknown channel type is called one, with what was meant", async () => {
  expect(await problemOf("version = 1\n[channels.pagr.ops]\n")).toMatchObject({
    path: "channels.pagr",
    message: "unknown channel type",
    suggestion: "pager",
    line: 2,
    column: 11,
  });
});

test("an unknown channel type that is near to none comes with the types that there are", async () => {
  expect(await problemOf("version = 1\n[channels.telegraph.ops]\n")).toMatchObject({
    message: "unknown channel type (known: pager, door-bell)",
  });
});

test("an unknown section is named, with what was meant", async () => {
  expect(await problemOf(`${minimal}[chanels]\n`)).toMatchObject({ path: "chanels", suggestion: "channels" });
});

test.each([
  ['maxRetries = "five"', 'expected a whole number from 0 to 1000000, got "five"'],
  ["maxRetries = 1.5", "expected a whole number from 0 to 1000000, got 1.5"],
  ["maxRetries = -1", "expected a whole number from 0 to 1000000, got -1"],
  ["maxRetries = [1]", "expected a whole number from 0 to 1000000, got an array"],
  ["maxRetries = 1979-05-27", "expected a whole number from 0 to 1000000, got a date"],
  ["volume = 2", "expected a number from 0 to 1, got 2"],
  ["volume = inf", "expected a number from 0 to 1, got inf"],
  ["isUrgent = 1", "expected true or false, got 1"],
  ["tone = 3", 'expected one of "standard", "loud", "none", got 3'],
  [
    'retryStatuses = "5xx"',
    'expected an array, each a whole number from 300 to 599, or one of "3xx", "4xx", "5xx", got a string',
  ],
  [
    'retryStatuses = [429, "6yy"]',
    'expected a whole number from 300 to 599, or one of "3xx", "4xx", "5xx", got "6yy"',
  ],
  ["retrySchedule = []", "must not be empty"],
  [`retrySchedule = [${"1,".repeat(1001)}]`, "must have at most 1000 elements, got 1001"],
  ["previousTokens = [1]", 'expected a string, { env = "NAME" } or { file = "path" }, got a number'],
  ["previousTokens = true", "expected an array of secrets, got true or false"],
  ["headers = 5", "expected a table of secrets, got a number"],
  ["hours = 5", "expected a table, got a number"],
  ['label = "x"', "must have at least 2 characters, got 1"],
  ['label = "123456789012345678901"', "must have at most 20 characters, got 21"],
  ["token = 12345678", 'expected a string, { env = "NAME" } or { file = "path" }, got a number'],
  ['token = ""', "must not be empty"],
  ['zone = "7"', "must match /^[a-z]+$/"],
  ['proxyUrl = "nowhere"', 'must be an absolute URL that begins with "https://" or "http://"'],
])("%s is wrong: %s", async (line, message) => {
  expect((await problemsOf(withLine(line)))[0]).toMatchObject({ code: "invalid_value", message, line: 5 });
});

test("a wrong choice comes with the one that was meant", async () => {
  expect(await problemOf(withLine('tone = "standart"'))).toMatchObject({
    message: 'expected one of "standard", "loud", "none", got "standart"',
    suggestion: "standard",
    column: 8,
  });
});

test("a key that is missing is laid to the header of its table", async () => {
  expect(await problemOf("version = 1\n\n [channels.pager.ops] # here\nvolume = 1\n")).toEqual({
    code: "missing_key",
    path: "channels.pager.ops.sendUrl",
    message: 'is missing: add a URL, { env = "NAME" } or { file = "path" } (Where messages are sent)',
    file: "jackfield.toml",
    line: 3,
    column: 2,
    sourceLine: " [channels.pager.ops]",
    marker: { start: 1, length: 20 },
  });
});

test("a key that is missing in an inline table is laid to the table's key", async () => {
  expect(await problemOf("version = 1\nchannels.pager = { ops = { volume = 1 } }\n")).toMatchObject({
    path: "channels.pager.ops.sendUrl",
    line: 2,
    column: 20,
  });
});

test("a missing version is laid to the beginning of the file", async () => {
  expect(await problemOf("# nothing yet\n")).toEqual({
    code: "missing_key",
    path: "version",
    message: "is missing: add the value 1 (The version of the file's format)",
    file: "jackfield.toml",
    line: 1,
    column: 1,
  });
});

test("a channel's name that is none is pointed at", async () => {
  expect(await problemOf('version = 1\n[channels.door-bell."3 x"]\n')).toMatchObject({
    code: "unknown_key",
    path: 'channels.door-bell."3 x"',
    message:
      "is no name for a channel: begin with a letter, then letters, digits, _ and -, 63 characters at most",
    line: 2,
    column: 21,
  });
});

test("a date is no table, even where no key of the table is needed", async () => {
  expect(await problemOf("version = 1\nchannels.door-bell.a = 1979-05-27\n")).toMatchObject({
    message: "expected a table, got a date",
    line: 2,
  });
});

test("what a channel type checks over several keys is reported at the key that it names", async () => {
  expect(await problemOf(withLine('tone = "loud"'))).toMatchObject({
    path: "channels.pager.ops.tone",
    message: '"loud" needs a token: set token',
    column: 8,
  });
});

test("what a channel type finds missing is laid to the header of the table, in the type's words", async () => {
  expect(await problemOf(withLine("room = 7"))).toMatchObject({
    code: "invalid_value",
    path: "channels.pager.ops.zone",
    message: "is needed for a room",
    line: 3,
    column: 1,
  });
});

test("what a channel type checks is reported beside unknown keys", async () => {
  const problems = await problemsOf(withLine('tone = "loud"\ncolour = 1'));
  expect(problems.map(({ path }) => path)).toEqual(["channels.pager.ops.tone", "channels.pager.ops.colour"]);
});

test("all problems are reported at once, in the order of the file", async () => {
  const toml = `version = 2
colour = 1
[channels.pager.ops]
maxRetires = 5
volume = "loud"
retryJitter = 9
headers = { a = 1, b = { env = "NOPE" } }
[channels.pager.two]
[channels.pagr.three]
`;
  const problems = await problemsOf(toml, { env: { JACKFIELD_CHANNELS__PAGER__OPS__COLOUR: "1" } });
  expect(problems.map(({ line, path }) => [line, path])).toEqual([
    [1, "version"],
    [2, "colour"],
    [3, "channels.pager.ops.sendUrl"],
    [4, "channels.pager.ops.maxRetires"],
    [5, "channels.pager.ops.volume"],
    [6, "channels.pager.ops.retryJitter"],
    [7, "channels.pager.ops.headers.a"],
    [7, "channels.pager.ops.headers.b"],
    [8, "channels.pager.two.sendUrl"],
    [9, "channels.pagr"],
    [undefined, ""],
  ]);
});

test.each(["__proto__", "constructor", "prototype", "toString"])(
  "%s is an unknown key like any other",
  async (key) => {
    expect(await problemOf(`${key} = 1\n${minimal}`)).toMatchObject({
      code: "unknown_key",
      path: key,
      line: 1,
    });
  },
);

test.each(["__proto__", "constructor"])(
  "a table %s is an unknown key, and changes no prototype",
  async (key) => {
    const toml = `${minimal}[${key}]\npolluted = 1\n[channels.${key}.x]\n[channels.pager.ops.${key}]\n`;
    const problems = await problemsOf(toml);
    expect(problems.map(({ path }) => path)).toEqual([key, `channels.${key}`, `channels.pager.ops.${key}`]);
    expect("polluted" in {}).toBe(false);
  },
);

test("__proto__ is no key of a free table either", async () => {
  expect(await problemOf(withLine('headers = { __proto__ = "x" }'))).toMatchObject({
    code: "unknown_key",
    path: "channels.pager.ops.headers.__proto__",
  });
});

test("constructor is an ordinary key of a free table", async () => {
  const { deployment } = await load(withLine('headers = { constructor = { env = "X" } }'), {
    env: { X: "x" },
  });
  expect(deployment.channels[0]?.config.headers).toEqual({ constructor: "x" });
});

test.each([
  [
    "a value without quotes",
    "version = 1\nx = https://a.example\n",
    "is not TOML: invalid value (text stands in quotes)",
    2,
    5,
  ],
  [
    "a key that is there twice",
    "version = 1\nversion = 1\n",
    "is not TOML: trying to redefine an already defined table or value",
    2,
    1,
  ],
  ["a header that is not closed", "version = 1\n[channels\n", /^is not TOML: /, 2, expect.any(Number)],
  [
    "a number that no double can hold",
    "version = 99999999999999999999\n",
    "is not TOML: integer value cannot be represented losslessly",
    1,
    11,
  ],
])("%s is no TOML, and the only problem", async (_what, toml, message, line, column) => {
  const words = typeof message === "string" ? message : expect.stringMatching(message);
  expect(await problemOf(toml)).toMatchObject({
    code: "toml_syntax",
    path: "",
    message: words,
    line,
    column,
  });
});

test("lines of Windows are counted and shown as such", async () => {
  const toml = withLine("maxRetires = 5").replaceAll("\n", "\r\n");
  expect(await problemOf(toml)).toMatchObject({ line: 5, column: 1, sourceLine: "maxRetires = 5" });
});
