import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { loadConfig } from "./load.ts";
import { ConfigError } from "./problems.ts";
import { errorOf, load, minimal, types } from "./test-support.ts";

const positions = vi.hoisted(() => ({ loads: 0 }));
vi.mock("toml-eslint-parser", (importOriginal) => {
  positions.loads++;
  return importOriginal();
});

// This test is the first of its file: the parser is loaded once, and then stays.
test("a right configuration is loaded without the parser for positions", async () => {
  await load(minimal);
  expect(positions.loads).toBe(0);
  await errorOf("version = 2");
  expect(positions.loads).toBe(1);
});

test("channels come with id, type, alias and defaults", async () => {
  const { deployment } = await load(minimal);
  expect(deployment.version).toBe(1);
  expect(deployment.channels).toHaveLength(1);
  expect(deployment.channels[0]).toMatchObject({
    id: "pager.ops",
    type: { type: "pager" },
    alias: "ops",
    config: { sendUrl: "https://example.com/hook", maxRetries: 3, tone: "standard" },
    input: { sendUrl: "https://example.com/hook" },
  });
});

test("the input of a channel is what was written, without defaults", async () => {
  const { deployment } = await load(minimal);
  expect(Object.keys(deployment.channels[0]?.input ?? {})).toEqual(["sendUrl"]);
});

test("a deployment may have no channels", async () => {
  expect((await load("version = 1")).deployment.channels).toEqual([]);
});

test("channels are in the order of the types, and then of the file", async () => {
  const { deployment } = await load(
    'version = 1\n[channels.door-bell.b]\n[channels.door-bell.a]\n[channels.pager.p]\nsendUrl = "http://p.example"\n',
  );
  expect(deployment.channels.map(({ id }) => id)).toEqual(["pager.p", "door-bell.b", "door-bell.a"]);
});

test("the path stays as it was named, beside the absolute one", async () => {
  const { path, absolutePath } = await load(minimal);
  expect(path).toBe("jackfield.toml");
  expect(absolutePath).toMatch(/^\/.*\/jackfield\.toml$/);
});

const words = ["version", "channels", "pager", "ops", "sendUrl", "headers", "__proto__", "[", "]", "{", "}"];
const signs = [
  "=",
  ".",
  ",",
  "\n",
  "\r\n",
  '"',
  '"""',
  "'",
  "#",
  " ",
  "1",
  "1.5",
  "true",
  "1979-05-27",
  "\\u00",
];
const almostToml = fc
  .array(fc.constantFrom(...words, ...signs, "\ufeff", "é", "\ud800"))
  .map((parts) => parts.join(""));

test.each([
  ["text", fc.oneof(fc.string({ unit: "binary" }), almostToml).map((text) => new TextEncoder().encode(text))],
  ["bytes", fc.uint8Array()],
])("no %s makes loading fail with anything but a ConfigError", async (_kind, arbitrary) => {
  await fc.assert(
    fc.asyncProperty(arbitrary, async (bytes) => {
      const options = { path: "jackfield.toml", cwd: "/", types, env: {}, readFile: async () => bytes };
      await loadConfig(options).catch((error: unknown) => expect(error).toBeInstanceOf(ConfigError));
    }),
    { numRuns: 300 },
  );
});

test("no change of one character makes loading fail with anything but a ConfigError", async () => {
  const text = `${minimal}headers = { "x-a" = "b" }\nretryStatuses = [429, "5xx"]\nhours = { from = 1 }\n`;
  const change = fc.tuple(fc.nat(text.length), fc.constantFrom(...words, ...signs, ""));
  await fc.assert(
    fc.asyncProperty(change, async ([at, replacement]) => {
      const bytes = new TextEncoder().encode(text.slice(0, at) + replacement + text.slice(at + 1));
      const options = { path: "jackfield.toml", cwd: "/", types, env: {}, readFile: async () => bytes };
      await loadConfig(options).catch((error: unknown) => expect(error).toBeInstanceOf(ConfigError));
    }),
    { numRuns: 300 },
  );
});
