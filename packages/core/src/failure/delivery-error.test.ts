import { describe, expect, test } from "vitest";
import { JackfieldError } from "../error.ts";
import { DeliveryError, failureKinds, isDeliveryError, toDeliveryError } from "./delivery-error.ts";

test.each(failureKinds.map((kind) => [kind, `DELIVERY_${kind.toUpperCase()}`]))(
  "%s has the code %s",
  (kind, code) => {
    expect(new DeliveryError("no", { kind, ambiguous: false }).code).toBe(code);
  },
);

test("a failure's parts are the error's", () => {
  const cause = new Error("ECONNRESET");
  const failure = { kind: "rate_limited", status: 429, retryAfterMs: 0, ambiguous: true } as const;
  const error = new DeliveryError("slow down", { ...failure, cause });
  expect(error).toMatchObject({ ...failure, name: "DeliveryError", message: "slow down" });
  expect(error.cause).toBe(cause);
});

test("what a failure does not have is absent from what is shown of it", () => {
  const error = new DeliveryError("no", { kind: "network", ambiguous: false });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: "DeliveryError",
    code: "DELIVERY_NETWORK",
    kind: "network",
    ambiguous: false,
  });
  expect("cause" in error).toBe(false);
});

describe("another copy of the package", () => {
  /** What a second copy's DeliveryError looks like from here: the same brand and name, another class. */
  class TheirDeliveryError extends Error {
    override readonly name = "DeliveryError";
    readonly code = "DELIVERY_TIMEOUT";
    readonly kind = "timeout";
    readonly ambiguous = true;

    constructor(message: string) {
      super(message);
      Object.defineProperty(this, Symbol.for("jackfield.error"), { value: true });
    }
  }

  test("is understood", () => {
    const theirs = new TheirDeliveryError("no answer");
    expect(theirs).not.toBeInstanceOf(DeliveryError);
    expect(isDeliveryError(theirs)).toBe(true);
    expect(toDeliveryError(theirs)).toBe(theirs);
  });
});

test.each([
  ["an Error", new Error("no")],
  ["an error of ours that is no failure of a delivery", new JackfieldError("CONFIG_INVALID", "no")],
  ["an object that looks like one", { name: "DeliveryError", kind: "timeout", ambiguous: true }],
  [
    "an Error that looks like one but has no brand",
    Object.assign(new Error("no"), { name: "DeliveryError", kind: "timeout", ambiguous: true }),
  ],
  ["nothing", undefined],
])("%s is no DeliveryError", (_, value) => {
  expect(isDeliveryError(value)).toBe(false);
});

describe("what a channel threw", () => {
  test("is unknown and in doubt when it is a plain Error, which is the cause", () => {
    const thrown = new TypeError("x is not a function");
    const error = toDeliveryError(thrown);
    expect(error).toMatchObject({ kind: "unknown", ambiguous: true, message: "x is not a function" });
    expect(error.cause).toBe(thrown);
  });

  test.each([
    ["a string", "broken pipe", "broken pipe"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an Error without a message", new Error(), "the channel failed without a message"],
    ["an empty string", "", "the channel failed without a message"],
  ])("has a message when it is %s", (_, thrown, message) => {
    expect(toDeliveryError(thrown)).toMatchObject({ kind: "unknown", ambiguous: true, message });
  });

  test("has a message when it cannot be made a string", () => {
    expect(toDeliveryError(Object.create(null))).toMatchObject({ kind: "unknown", ambiguous: true });
  });

  test("is the same error when it is a failure already", () => {
    const error = new DeliveryError("no", { kind: "timeout", ambiguous: true });
    expect(toDeliveryError(error)).toBe(error);
  });

  test("keeps its kind when it is a subclass with a name of its own", () => {
    class PagerError extends DeliveryError {
      constructor() {
        super("the pager is off", { kind: "rejected", ambiguous: false });
        Object.defineProperty(this, "name", { value: "PagerError" });
      }
    }
    expect(toDeliveryError(new PagerError()).kind).toBe("rejected");
  });
});
