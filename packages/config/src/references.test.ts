import { expect, test } from "vitest";
import { load, type load as loadFunction, minimal, problemOf } from "./test-support.ts";

type Options = Parameters<typeof loadFunction>[1];

async function tokenOf(reference: string, options: Options): Promise<unknown> {
  const { deployment } = await load(`${minimal}token = ${reference}\n`, options);
  return deployment.channels[0]?.config.token;
}

const withToken = (reference: string) => `${minimal}token = ${reference}\n`;

test("a secret is taken from the environment", async () => {
  expect(await tokenOf('{ env = "OPS" }', { env: { OPS: "0123456789" } })).toBe("0123456789");
});

test("a secret is taken from a file beside the configuration", async () => {
  const files = { "ops.txt": "0123456789" };
  expect(await tokenOf('{ file = "ops.txt" }', { files })).toBe("0123456789");
});

test.each([
  ["one newline", "0123456789\n", "0123456789"],
  ["one newline of Windows", "0123456789\r\n", "0123456789"],
  ["only the last of two newlines", "0123456789\n\n", "0123456789\n"],
  ["no blank", " 0123456789 ", " 0123456789 "],
])("of a secret file, %s is stripped", async (_what, content, value) => {
  expect(await tokenOf('{ file = "ops.txt" }', { files: { "ops.txt": content } })).toBe(value);
});

test("a secret may be a literal", async () => {
  expect(await tokenOf('"0123456789"', {})).toBe("0123456789");
});

test("a URL is taken from the environment", async () => {
  const toml = 'version = 1\n[channels.pager.ops]\nsendUrl = { env = "HOOK" }\n';
  const { deployment } = await load(toml, { env: { HOOK: "https://example.com/a" } });
  expect(deployment.channels[0]?.config.sendUrl).toBe("https://example.com/a");
});

test("secrets in arrays and in free tables are taken by reference too", async () => {
  const toml = `${minimal}previousTokens = ["old", { env = "T" }]\nheaders = { "x-a" = { file = "h" } }\n`;
  const { deployment } = await load(toml, { env: { T: "older" }, files: { h: "value\n" } });
  expect(deployment.channels[0]?.config).toMatchObject({
    previousTokens: ["old", "older"],
    headers: { "x-a": "value" },
  });
});

test("a variable that is not set is named, at the place of the reference", async () => {
  expect(await problemOf(withToken('{ env = "OPS" }'))).toMatchObject({
    code: "unresolved_reference",
    path: "channels.pager.ops.token",
    message: "the environment variable OPS is not set",
    line: 5,
    column: 9,
  });
});

test("a variable that is nearly the one is suggested", async () => {
  const env = { OPS_SECRET: "0123456789", HOME: "/" };
  expect(await problemOf(withToken('{ env = "OPS_SECERT" }'), { env })).toMatchObject({
    suggestion: "OPS_SECRET",
  });
});

test("a variable that is nearly the one but empty is not suggested", async () => {
  const problem = await problemOf(withToken('{ env = "OPS_SECERT" }'), { env: { OPS_SECRET: "" } });
  expect(problem.suggestion).toBeUndefined();
});

test("an empty variable is a problem", async () => {
  expect(await problemOf(withToken('{ env = "OPS" }'), { env: { OPS: "" } })).toMatchObject({
    message: "the environment variable OPS is empty",
  });
});

test("what a shell would take for a variable is corrected", async () => {
  expect(await problemOf(withToken('{ env = "$OPS" }'))).toMatchObject({
    message: "what stands behind env is no name of an environment variable: letters, digits and _ only",
    suggestion: "OPS",
  });
});

test("a secret file that does not exist is named", async () => {
  expect(await problemOf(withToken('{ file = "ops.txt" }'))).toMatchObject({
    message: "the file ops.txt does not exist (a relative path begins at the configuration's folder)",
  });
});

test("a secret file that is a directory is called one", async () => {
  expect(await problemOf(withToken('{ file = "." }'))).toMatchObject({
    message: "the file . is a directory",
  });
});

test("a secret file that is empty but for a newline is a problem", async () => {
  expect(await problemOf(withToken('{ file = "ops.txt" }'), { files: { "ops.txt": "\n" } })).toMatchObject({
    message: "the file ops.txt is empty",
  });
});

test("a secret file that is not UTF-8 is a problem", async () => {
  const files = { "ops.txt": new Uint8Array([0xff]) };
  expect(await problemOf(withToken('{ file = "ops.txt" }'), { files })).toMatchObject({
    message: "the file ops.txt is not UTF-8",
  });
});

test("a mistyped reference is corrected", async () => {
  expect(await problemOf(withToken('{ evn = "OPS" }'))).toMatchObject({
    message: 'expected a string, { env = "NAME" } or { file = "path" }, got a table with evn',
    suggestion: "env",
  });
});

test("a reference to a variable and a file at once is refused", async () => {
  expect(await problemOf(withToken('{ env = "A", file = "b" }'))).toMatchObject({
    message: 'expected a string, { env = "NAME" } or { file = "path" }, got a table with env, file',
  });
});

test("a reference without a name is refused", async () => {
  expect(await problemOf(withToken('{ env = "" }'))).toMatchObject({
    message: "expected the name of a variable behind env",
  });
});

test("where no secret is wanted a reference is a table like any other", async () => {
  expect(await problemOf(`${minimal}tone = { env = "TONE" }\n`, { env: { TONE: "loud" } })).toMatchObject({
    code: "invalid_value",
    message: 'expected one of "standard", "loud", "none", got a table',
  });
});

test("a wrong value that came by reference is said to come from there", async () => {
  const problem = await problemOf(withToken('{ env = "OPS" }'), { env: { OPS: "short" } });
  expect(problem).toMatchObject({
    message: "is too short: 8 characters at least (the value comes from the environment variable OPS)",
    line: 5,
  });
});

test("a secret that is not there counts as one for the checks over several keys", async () => {
  const toml = `${minimal}tone = "loud"\ntoken = { env = "OPS" }\n`;
  expect(await problemOf(toml)).toMatchObject({ code: "unresolved_reference" });
});

test("a URL that is not there is no wrong URL besides", async () => {
  const toml = 'version = 1\n[channels.pager.ops]\nsendUrl = { env = "HOOK" }\n';
  expect(await problemOf(toml)).toMatchObject({ code: "unresolved_reference" });
});
