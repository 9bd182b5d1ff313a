import { expect, test } from "vitest";
import { load, minimal, problemOf } from "./test-support.ts";

async function configWith(env: Record<string, string>, toml: string = minimal) {
  const { deployment } = await load(toml, { env });
  return Object.fromEntries(deployment.channels.map(({ id, config }) => [id, config]));
}

const ops = "JACKFIELD_CHANNELS__PAGER__OPS__";

test.each([
  ["a number", "MAX_RETRIES", "5", { maxRetries: 5 }],
  ["a key that is not in the file", "VOLUME", "0.25", { volume: 0.25 }],
  ["a truth value", "IS_URGENT", "true", { isUrgent: true }],
  ["a string", "LABEL", "007", { label: "007" }],
  ["a secret", "TOKEN", "{ env = 1 }", { token: "{ env = 1 }" }],
  ["an array in TOML", "RETRY_STATUSES", "[429, '5xx']", { retryStatuses: [429, "5xx"] }],
  ["an array in JSON", "RETRY_STATUSES", '[429, "5xx"]', { retryStatuses: [429, "5xx"] }],
  ["a key of a table in a channel", "HOURS__FROM", "3", { hours: { from: 3, to: 17 } }],
  ["a new key of a free table", "HEADERS__TRACE", "abc", { headers: { trace: "abc" } }],
  ["a whole table", "HOURS", "{ from = 3 }", { hours: { from: 3, to: 17 } }],
  ["a key without its underscores", "MAXRETRIES", "5", { maxRetries: 5 }],
])("a variable overrides %s", async (_what, key, text, expected) => {
  expect((await configWith({ [ops + key]: text }))["pager.ops"]).toMatchObject(expected);
});

test("a variable wins over the file", async () => {
  const config = await configWith({ [`${ops}MAX_RETRIES`]: "5" }, `${minimal}maxRetries = 1\n`);
  expect(config["pager.ops"]).toMatchObject({ maxRetries: 5 });
});

test("a type and an alias are found without case, dashes and underscores", async () => {
  const toml = "version = 1\n[channels.door-bell.My-Front_Door]\n";
  const config = await configWith({ JACKFIELD_CHANNELS__DOOR_BELL__MYFRONT_DOOR__CHIME: "dong" }, toml);
  expect(config).toMatchObject({ "door-bell.My-Front_Door": { chime: "dong" } });
});

test("a key of a free table is found without case and dashes", async () => {
  const toml = `${minimal}headers = { "X-Trace" = "file" }\n`;
  const config = await configWith({ [`${ops}HEADERS__X_TRACE`]: "environment" }, toml);
  expect(config["pager.ops"]?.headers).toEqual({ "X-Trace": "environment" });
});

test("a channel that is not in the file is made, its alias in lower case", async () => {
  const config = await configWith({
    JACKFIELD_CHANNELS__PAGER__NIGHT_SHIFT__SEND_URL: "https://night.example",
  });
  expect(Object.keys(config)).toEqual(["pager.ops", "pager.night_shift"]);
});

test("a key of a table goes before the whole table", async () => {
  const config = await configWith({ [`${ops}HOURS__FROM`]: "5", [`${ops}HOURS`]: "{ from = 3, to = 4 }" });
  expect(config["pager.ops"]?.hours).toEqual({ from: 5, to: 4 });
});

test.each([
  "JACKFIELD_CONFIG",
  "JACKFIELD_LISTEN_SECRET",
  "JACKFIELD_VERSION",
  "CHANNELS__PAGER__OPS__VOLUME",
])("%s is no override", async (variable) => {
  expect(Object.keys(await configWith({ [variable]: "x" }))).toEqual(["pager.ops"]);
});

test("a variable that names a whole section is an override", async () => {
  expect(await problemOf(minimal, { env: { JACKFIELD_CHANNELS: "x" } })).toMatchObject({
    variable: "JACKFIELD_CHANNELS",
    message: "expected a table, got a string",
  });
});

test("a section that does not exist is a problem, with what was meant", async () => {
  expect(await problemOf(minimal, { env: { JACKFIELD_CHANELS__PAGER__OPS__VOLUME: "1" } })).toEqual({
    code: "invalid_override",
    path: "",
    file: "jackfield.toml",
    variable: "JACKFIELD_CHANELS__PAGER__OPS__VOLUME",
    message: 'there is no "chanels" in the configuration',
    suggestion: "JACKFIELD_CHANNELS__PAGER__OPS__VOLUME",
  });
});

test("a key that does not exist is a problem, with what was meant", async () => {
  expect(await problemOf(minimal, { env: { [`${ops}MAX_RETIRES`]: "1" } })).toMatchObject({
    message: 'there is no "max_retires" in channels.pager.ops',
    suggestion: "JACKFIELD_CHANNELS__PAGER__OPS__MAX_RETRIES",
  });
});

test("a variable that goes below a single value is a problem", async () => {
  expect(await problemOf(minimal, { env: { [`${ops}MAX_RETRIES__X`]: "1" } })).toMatchObject({
    message: "channels.pager.ops.maxRetries is a single value and has no keys below it",
  });
});

test("two variables for one key are a problem", async () => {
  const env = { [`${ops}MAX_RETRIES`]: "1", [`${ops}MAXRETRIES`]: "2" };
  expect(await problemOf(minimal, { env })).toMatchObject({
    message: `sets channels.pager.ops.maxRetries, as does ${ops}MAXRETRIES: unset one of the two`,
  });
});

test("a variable that may mean either of two channels is a problem", async () => {
  const toml = "version = 1\n[channels.door-bell.a-b]\n[channels.door-bell.a_b]\n";
  const env = { JACKFIELD_CHANNELS__DOOR_BELL__A_B__CHIME: "x" };
  expect(await problemOf(toml, { env })).toMatchObject({
    message: "may mean a-b or a_b in channels.door-bell: rename one",
  });
});

test("an empty piece in the name is a problem", async () => {
  const env = { JACKFIELD_CHANNELS__PAGER____VOLUME: "1" };
  expect(await problemOf(minimal, { env })).toMatchObject({ message: 'there is no "" in channels.pager' });
});

test("an empty variable is an empty value, and checked", async () => {
  expect(await problemOf(minimal, { env: { [`${ops}MAX_RETRIES`]: "" } })).toMatchObject({
    variable: `${ops}MAX_RETRIES`,
    path: "channels.pager.ops.maxRetries",
    message: 'expected a whole number from 0 to 1000000, got ""',
  });
});

test("a wrong value from a variable has no line of the file", async () => {
  const problem = await problemOf(`${minimal}maxRetries = 1\n`, { env: { [`${ops}MAX_RETRIES`]: "x" } });
  expect(problem).not.toHaveProperty("line");
  expect(problem).not.toHaveProperty("sourceLine");
});

test("a key that is missing in a channel of the environment is laid to the variable that made it", async () => {
  const env = { JACKFIELD_CHANNELS__PAGER__NEW__VOLUME: "1" };
  expect(await problemOf(minimal, { env })).toMatchObject({
    code: "missing_key",
    path: "channels.pager.new.sendUrl",
    variable: "JACKFIELD_CHANNELS__PAGER__NEW__VOLUME",
  });
});

test("an override below what is no table in the file leaves the file's problem to be seen", async () => {
  const toml = "version = 1\nchannels = 5\n";
  expect(await problemOf(toml, { env: { [`${ops}VOLUME`]: "1" } })).toMatchObject({
    path: "channels",
    line: 2,
    message: "expected a table, got a number",
  });
});
