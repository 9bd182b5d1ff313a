import { describe, expect, test } from "vitest";
import { headerProblem } from "./headers.ts";

const reserved = [
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
  "x-webhook-signature",
];

const inTurns = (name: string) =>
  name.replace(/./g, (letter, at: number) => (at % 2 ? letter : letter.toUpperCase()));

describe("a header's name", () => {
  test.each(reserved.flatMap((name) => [name, name.toUpperCase(), inTurns(name)]))(
    "%s is reserved",
    (name) => {
      expect(headerProblem(name, "x")).toBe(`"${name}" is reserved: Jackfield sets it`);
    },
  );

  test.each(["authorization", "Authorization", "AUTHORIZATION"])("%s is authHeader's", (name) => {
    expect(headerProblem(name, "x")).toBe('"authorization" is set by authHeader: use that');
  });

  test.each(["", " ", "x y", "x:", "x\r\ny", "x\0", "(x)", "caf\u00e9", "\u212ahost", "x-\u2014"])(
    "%j is none",
    (name) => {
      expect(headerProblem(name, "x")).toMatch(/is not a header name/);
    },
  );

  test.each(["x", "X-Api-Key", "x_y", "x.y", "!#$%&'*+-.^_`|~1", "webhook-idea", "content-type-x"])(
    "%s is free",
    (name) => {
      expect(headerProblem(name, "x")).toBeUndefined();
    },
  );
});

describe("a header's value", () => {
  test.each([
    "a\r\nx-evil: 1",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\x7f",
    "\u0100",
    "\u20ac",
    "\ud83d\ude00",
    "\ud800",
  ])("%j cannot be carried, and is not in the message", (value) => {
    expect(headerProblem("x-a", value)).toBe('the value of "x-a" has characters that a header cannot carry');
  });

  test.each(["", "a b", "a\tb", "\u00ff", "!~"])("%j can be carried", (value) => {
    expect(headerProblem("x-a", value)).toBeUndefined();
  });
});
