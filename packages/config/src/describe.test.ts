import { defineChannel, retryFields } from "@jackfield/core";
import { parse } from "smol-toml";
import { expect, test } from "vitest";
import * as z from "zod";
import { describeConfig } from "./describe.ts";
import { formatConfig, formatConfigJson } from "./format-config.ts";
import { load, minimal } from "./test-support.ts";

const toml = `version = 1

[channels.door-bell.front]
chime = "dong"
maxRetries = 5
retryStatuses = [
  429,
]

[channels.pager.ops]
sendUrl = "https://example.com/hook?key=1"
token = { env = "OPS" }
previousTokens = ["abc", { file = "old" }]
headers.a = "x"
headers.b = { file = "old" }
`;
const env = { OPS: "0123456789", JACKFIELD_CHANNELS__DOOR_BELL__FRONT__MAX_RETRIES: "6" };
const described = async () => describeConfig(await load(toml, { env, files: { old: "older" } }));

async function rowOf(path: string) {
  return (await described()).find((row) => row.path.join(".") === path);
}

test.each([
  ["the file", "channels.door-bell.front.chime", "dong", { from: "file", file: "jackfield.toml", line: 4 }],
  [
    "the file, over several lines",
    "channels.door-bell.front.retryStatuses",
    [429],
    { from: "file", line: 6 },
  ],
  ["a default", "channels.door-bell.front.retryJitter", 0.25, { from: "default" }],
  [
    "a variable that overrides",
    "channels.door-bell.front.maxRetries",
    6,
    { from: "environment", variable: "JACKFIELD_CHANNELS__DOOR_BELL__FRONT__MAX_RETRIES" },
  ],
  ["a variable by reference", "channels.pager.ops.token", "<set>", { from: "environment", variable: "OPS" }],
  ["a file by reference", "channels.pager.ops.headers.b", "<set>", { from: "secret_file", path: "old" }],
  ["a dotted key", "channels.pager.ops.headers.a", "<set>", { from: "file", line: 14 }],
])("a value is known to come from %s", async (_origin, path, value, origin) => {
  expect(await rowOf(path)).toMatchObject({ value, origin });
});

test("a table that a variable sets has its keys from there, and its defaults from the schema", async () => {
  const variable = "JACKFIELD_CHANNELS__PAGER__OPS__HOURS";
  const config = await load(minimal, { env: { [variable]: "{ from = 3 }" } });
  const rows = (await describeConfig(config)).filter(({ path }) => path.includes("hours"));
  expect(rows.map(({ path, origin }) => [path.at(-1), origin.from])).toEqual([
    ["from", "environment"],
    ["to", "default"],
  ]);
});

test("secrets in an array are shown as set", async () => {
  expect(await rowOf("channels.pager.ops.previousTokens")).toMatchObject({ value: ["<set>", "<set>"] });
});

test("a URL is shown without what may be a credential", async () => {
  expect(await rowOf("channels.pager.ops.sendUrl")).toMatchObject({ value: "https://example.com/hook" });
});

test("a URL that comes from a variable is shown by its origin only", async () => {
  const variable = "JACKFIELD_CHANNELS__PAGER__A__SEND_URL";
  const config = await load("version = 1", { env: { [variable]: "https://a.example/short" } });
  expect((await describeConfig(config)).find(({ path }) => path.at(-1) === "sendUrl")).toEqual({
    path: ["channels", "pager", "a", "sendUrl"],
    value: "https://a.example/…",
    origin: { from: "environment", variable },
  });
});

test("what is neither set nor has a default is not shown", async () => {
  expect(await rowOf("channels.pager.ops.label")).toBeUndefined();
});

test("what a channel type turns into nothing is not shown", async () => {
  const chime = z
    .string()
    .default("ding")
    .transform(() => undefined);
  const hushed = defineChannel({
    contract: 1,
    type: "door-bell",
    description: "Rings without a sound.",
    config: z.strictObject({ ...retryFields, chime }),
    capabilities: { carries: [], members: [] },
    create: () => Promise.reject(new Error("never made")),
  });
  const config = await load("version = 1\n[channels.door-bell.a]\n", { types: [hushed] });
  expect((await describeConfig(config)).filter(({ path }) => path.includes("chime"))).toEqual([]);
});

test("a table without keys is shown as one", async () => {
  const rows = await describeConfig(await load("version = 1\n[channels.pager]\n"));
  expect(rows.filter(({ path }) => path[0] === "channels")).toEqual([
    { path: ["channels", "pager"], value: {}, origin: { from: "file", file: "jackfield.toml", line: 2 } },
  ]);
});

test("the text is TOML that says the same", async () => {
  const rows = await described();
  const read = JSON.parse(JSON.stringify(parse(formatConfig(rows, { origin: true }))));
  expect(read).toEqual(JSON.parse(formatConfigJson(rows)));
});

test("the text has a table for each channel, and origins in one column", async () => {
  const rows = (await described()).filter(({ path }) =>
    ["version", "sendUrl", "token", "previousTokens", "a", "b"].includes(path.at(-1) ?? ""),
  );
  expect(formatConfig(rows, { origin: true })).toBe(`version = 1                           # jackfield.toml:1

[channels.pager.ops]
sendUrl = "https://example.com/hook"  # jackfield.toml:11
token = "<set>"                       # environment OPS
previousTokens = ["<set>", "<set>"]   # jackfield.toml:13

[channels.pager.ops.headers]
a = "<set>"                           # jackfield.toml:14
b = "<set>"                           # file old`);
});

test("without origins the text has no comments", async () => {
  expect(formatConfig((await described()).slice(0, 1))).toBe("version = 1");
});

test("the JSON form has each value with its origin where origins are wanted", async () => {
  const json = JSON.parse(formatConfigJson((await described()).slice(0, 1), { origin: true }));
  expect(json).toEqual({ version: { value: 1, origin: { from: "file", file: "jackfield.toml", line: 1 } } });
});
