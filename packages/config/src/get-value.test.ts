import { expect, test } from "vitest";
import { getConfigValue } from "./get-value.ts";
import { loadConfig } from "./load.ts";
import { types } from "./test-support.ts";

const toml = `version = 1
[channels.pager.ops]
sendUrl = "https://example.com/a?b"
token = "0123456789"
headers."x.y" = "z"
`;
const readFile = async () => new TextEncoder().encode(toml);
const config = await loadConfig({ path: "jackfield.toml", types, env: {}, readFile });

test.each([
  ["version", 1],
  ["channels.pager.ops.maxRetries", 3],
  ["channels.pager.ops.retryStatuses[3]", "5xx"],
  ["channels.pager.ops.token", "<set>"],
  ["channels.pager.ops.sendUrl", "https://example.com/a"],
  ['channels.pager.ops.headers."x.y"', "<set>"],
  ["channels.pager.ops.headers", { "x.y": "<set>" }],
])("%s is %j", async (path, value) => {
  expect(await getConfigValue(config, path)).toEqual(value);
});

test("a table comes with all that is in it", async () => {
  expect(await getConfigValue(config, "channels.pager")).toMatchObject({
    ops: { token: "<set>", maxRetries: 3 },
  });
});

test.each(["channels.pager.ops.label", "channels.door-bell", "channels.pager.ops.retryStatuses[9]"])(
  "%s may be set and is not",
  async (path) => {
    expect(await getConfigValue(config, path)).toBeUndefined();
  },
);

test.each([
  ["channels.pager.ops.maxRetires", /did you mean "channels.pager.ops.maxRetries"\?$/],
  ["channels.pager.opps", /did you mean "channels.pager.ops"\?$/],
  ["channels.pager.zebra", /\(known: channels.pager.ops\)$/],
  ["channels.pager.ops.maxRetries.x", /^there is no channels.pager.ops.maxRetries.x in jackfield.toml$/],
  ["__proto__", /^there is no __proto__/],
])("%s leads to nothing, and what was meant is said", async (path, message) => {
  await expect(getConfigValue(config, path)).rejects.toMatchObject({
    code: "CONFIG_PATH_UNKNOWN",
    message: expect.stringMatching(message),
  });
});
