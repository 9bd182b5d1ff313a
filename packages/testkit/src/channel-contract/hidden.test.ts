import { expect, test } from "vitest";
import { assertHidden } from "./hidden.ts";
import type { ContractSubject } from "./subject.ts";

const secrets = ["s3cret/1"];
const check = (value: unknown) =>
  assertHidden({ secrets } as unknown as ContractSubject, value, "it shows a secret");

test.each<[string, unknown]>([
  ["a message", new Error("refused s3cret/1")],
  ["a message that was changed later", Object.assign(new Error("refused"), { message: "s3cret/1" })],
  ["a property of an error", Object.assign(new Error("refused"), { request: { token: "s3cret/1" } })],
  ["the message of a cause", new Error("refused", { cause: new Error("s3cret/1") })],
  [
    "the changed message of a cause's cause",
    new Error("a", {
      cause: new Error("b", { cause: Object.assign(new Error("c"), { message: "s3cret/1" }) }),
    }),
  ],
  ["a cause that is no error", new Error("refused", { cause: { deep: { deep: { deep: ["s3cret/1"] } } } })],
  ["one of several errors", new AggregateError([new Error("s3cret/1")], "all refused")],
  ["a receipt", { response: "hello s3cret/1" }],
  ["what it is as JSON", { toJSON: () => "s3cret/1" }],
  ["a URL", { remoteId: "https://example.com/?k=s3cret%2F1" }],
  ["a string", "s3cret/1"],
])("a secret in %s is found", (_, value) => {
  expect(() => check(value)).toThrow(/^it shows a secret: .*<the secret>/);
});

test("a value with a cycle is looked through", () => {
  const cycle: Record<string, unknown> = { token: "s3cret/1" };
  cycle.self = cycle;
  expect(() => check(cycle)).toThrow("it shows a secret");
});

test("the report does not show it either", () => {
  expect(() => check(new Error("s3cret/1 and s3cret%2F1"))).not.toThrow(/s3cret/);
});

test.each([
  ["an error", new Error("refused")],
  ["a receipt", { status: 200 }],
  ["nothing", undefined],
])("%s without a secret is fine", (_, value) => {
  expect(() => check(value)).not.toThrow();
});
