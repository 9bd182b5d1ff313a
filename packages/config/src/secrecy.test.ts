import { inspect } from "node:util";
import { defineChannel, retryFields, secret } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { describeConfig } from "./describe.ts";
import { formatConfig, formatConfigJson } from "./format-config.ts";
import { errorOf, load, minimal, problemOf } from "./test-support.ts";

const canary = "canary-3f9a7c51";

/** Everything that may be printed of an error. */
async function reportOf(...args: Parameters<typeof load>): Promise<string> {
  const error = await errorOf(...args);
  return `${error.message}\n${inspect(error, { depth: 9 })}\n${JSON.stringify(error.problems)}`;
}

test.each([
  ["a secret beside a wrong value", `hours = 5\ntoken = "${canary}"`],
  ["a secret in the line of a wrong value", `hours = { from = "x", secret = "${canary}" }`],
  ["a secret that is refused", `token = "x" # ${canary}\npreviousTokens = ["${canary}", 5]`],
  ["a secret of the wrong type", `token = ["${canary}"]`],
  ["a secret in a free table", `headers = { a = "${canary}", b = 1 }`],
  ["a secret instead of a table of secrets", `headers = "${canary}"`],
  ["a secret instead of an array of secrets", `previousTokens = "${canary}"`],
  ["a secret under a mistyped key", `tokn = "${canary}"`],
  ["a secret under a key that is near to none", `password = "${canary}"`],
  ["a secret in an unknown table", `unknown = { a = "${canary}" }`],
  ["a secret in place of a variable's name", `token = { env = "${canary}" }`],
  ["a token in place of a variable's name", 'token = { env = "canary1LaLaSw" }'],
  ["a secret in a mistyped reference", `token = { value = "${canary}" }`],
  ["a secret over several lines", `token = """\n${canary}\n"""\nhours = 5`],
  ["a secret in a comment", `hours = 5 # ${canary}`],
  ["a URL that is none", `proxyUrl = "${canary}"`],
  ["a URL with a password", `proxyUrl = "ftp://user:${canary}@host/"`],
  ["a URL with a query", `proxyUrl = "http://host/?key=${canary}"\nhours = 5`],
  ["a URL in the line of a problem", `hours = { proxyUrl = "http://host/?key=${canary}" }`],
])("%s is not in the report", async (_what, lines) => {
  expect(await reportOf(`${minimal}${lines}\n`)).not.toContain("canary");
});

test.each([
  ["a quote that is not closed", `token = "${canary}`],
  ["a secret without quotes", `token = ${canary}`],
  ["something behind the secret", `token = "${canary}" x`],
  ["a comma between keys", `volume = 1, token = "${canary}"`],
  ["an array that is not closed", `previousTokens = [\n"${canary}"\n"${canary}"`],
  ["a line without a key", `${canary} ${canary}`],
  ["an inline table that is not closed", `headers = { a = "${canary}", b`],
  ["a quoted key", `"token" = "${canary}`],
  ["a line break in a string", `token = "a\n${canary}"`],
  ["a comment", `volume = 1 1 # ${canary}`],
  ["a mistyped key", `tokn = "${canary}`],
])("a text that is no TOML because of %s is reported without the secret", async (_what, lines) => {
  expect(await reportOf(`${minimal}${lines}\n`)).not.toContain("canary");
});

test("a broken line of a key that holds no secret is shown", async () => {
  expect(await problemOf(`${minimal}volume = 1 1\n`)).toMatchObject({
    sourceLine: "volume = 1 1",
    marker: { start: 11, length: 1 },
  });
});

test("a broken line of a key that holds a secret is shown up to its value", async () => {
  expect(await problemOf(`${minimal}token = "${canary}\n`)).toMatchObject({ sourceLine: "token = <hidden>" });
});

test("the marker stands under what is shown instead of a value", async () => {
  const toml = `${minimal}headers = { a = "${canary}", b = 1 }\n`;
  expect(await problemOf(toml)).toMatchObject({
    sourceLine: "headers = { a = <hidden>, b = <hidden> }",
    marker: { start: 30, length: 8 },
  });
});

test("the last line of a secret is hidden where a problem follows on it", async () => {
  const table = `{ sendUrl = "http://a.example", token = """\n${canary}""", volume = 5 }`;
  expect(await problemOf(`version = 1\nchannels.pager.ops = ${table}\n`)).toMatchObject({
    line: 3,
    sourceLine: "<hidden>, volume = 5 }",
    marker: { start: 19, length: 1 },
  });
});

test("a URL in the line of a problem is shown without its credentials", async () => {
  const url = `http://user:${canary}@example.com/hook?key=${canary}`;
  const toml = `version = 1\nchannels.pager.ops = { sendUrl = "${url}", volume = 2 }\n`;
  expect(await problemOf(toml)).toMatchObject({
    sourceLine: 'channels.pager.ops = { sendUrl = "http://example.com/hook", volume = 2 }',
    marker: { start: 69, length: 1 },
  });
});

test("a secret that a variable sets is not in the report", async () => {
  const env = { JACKFIELD_CHANNELS__PAGER__OPS__PREVIOUS_TOKENS: canary };
  expect(await reportOf(minimal, { env })).not.toContain("canary");
});

const talkative = defineChannel({
  contract: 1,
  type: "talkative",
  description: "Says too much.",
  config: z.strictObject({
    ...retryFields,
    token: secret(z.string().refine(() => false, { error: ({ input }) => `${input} is wrong` })),
  }),
  capabilities: { carries: [], members: [] },
  create: () => Promise.reject(new Error("never made")),
});

test.each([
  ["literal", `"${canary}"`, "<hidden> is wrong"],
  ["from a variable", '{ env = "T" }', "<hidden> is wrong (the value comes from the environment variable T)"],
  ["from a file", '{ file = "t" }', "<hidden> is wrong (the value comes from the file t)"],
])("a check that quotes a secret %s is reported without it", async (_source, token, message) => {
  const toml = `version = 1\n[channels.talkative.a]\ntoken = ${token}\n`;
  const options = { types: [talkative], env: { T: canary }, files: { t: canary } };
  expect(await problemOf(toml, options)).toMatchObject({ message });
});

test("what is shown of a configuration has no secret, and of a URL only what is no credential", async () => {
  const toml = `version = 1
[channels.pager.ops]
sendUrl = "https://user:${canary}@example.com/hook?key=${canary}"
token = "${canary}"
previousTokens = ["${canary}", { env = "T" }]
headers = { a = "${canary}" }
proxyUrl = { env = "P" }
`;
  const config = await load(toml, { env: { T: canary, P: `https://proxy.example/${canary}` } });
  const rows = await describeConfig(config);
  const shown = [formatConfig(rows, { origin: true }), formatConfigJson(rows, { origin: true })].join();
  expect(shown).not.toContain("canary");
  expect(shown).toContain("https://example.com/hook");
  expect(shown).toContain("https://proxy.example/…");
});
