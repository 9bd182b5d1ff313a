import { expect, test } from "vitest";
import { createLog } from "./create-log.ts";

function lines(pretty: false | { readonly colours: boolean } = false, secrets: readonly string[] = []) {
  const written: string[] = [];
  return { written, log: createLog({ level: "info", write: (text) => written.push(text), pretty, secrets }) };
}

test("a line is JSON, with its fields", () => {
  const { log, written } = lines();
  log.info({ channel: "webhook.ops" }, "hello");
  expect(JSON.parse(written.join(""))).toMatchObject({ level: 30, channel: "webhook.ops", msg: "hello" });
});

test("less serious lines than the level are left out", () => {
  const { log, written } = lines();
  log.debug("hello");
  expect(written).toEqual([]);
});

test("for people a line is text without escape sequences, unless colours are wanted", () => {
  const { log, written } = lines({ colours: false });
  log.warn({ channel: "webhook.ops" }, "hello");
  expect(written.join("")).toMatch(/WARN.*hello/);
  expect(written.join("")).not.toContain("\u001b");
});

test("a secret is hidden wherever it stands: in texts, nested fields and errors", () => {
  const secret = 'top"secret\\value';
  const { log, written } = lines(false, [secret, "another-secret"]);
  log.info({ deep: { list: [`x ${secret} y`] }, err: new Error("another-secret") }, `${secret}!`);
  const text = written.join("");
  expect(text).not.toContain("another-secret");
  expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  expect(JSON.parse(text).msg).toBe("<hidden>!");
});
