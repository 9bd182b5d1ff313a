import { expect, test } from "vitest";
import { responseFailure } from "./response-failure.ts";

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const request = "POST https://example.com";

test("names the request, the status and a piece of the body", () => {
  const failure = responseFailure(request, { status: 422, excerpt: "no such room" }, now);
  expect(failure.message).toBe("POST https://example.com answered 422: no such room");
  expect(failure).toMatchObject({
    kind: "rejected",
    status: 422,
    ambiguous: false,
    code: "DELIVERY_REJECTED",
  });
});

test("ends with the status when there is no body", () => {
  expect(responseFailure(request, { status: 500, excerpt: "" }, now).message).toBe(
    "POST https://example.com answered 500",
  );
});

test.each([
  [429, "3", 3_000],
  [503, "3", 3_000],
  [429, "Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
  [429, "0", 0],
  [429, "soon", undefined],
  [429, ["1", "2"], undefined],
  [429, undefined, undefined],
  [500, "3", undefined],
  [502, "3", undefined],
  [301, "3", undefined],
  [413, "3", undefined],
])("%i with Retry-After %j asks for a wait of %s ms", (status, retryAfter, retryAfterMs) => {
  expect(responseFailure(request, { status, retryAfter }, now).retryAfterMs).toBe(retryAfterMs);
});

test.each([
  [500, true],
  [501, false],
  [502, true],
  [503, false],
  [504, true],
  [429, false],
  [302, false],
])("%i leaves doubt: %s", (status, ambiguous) => {
  expect(responseFailure(request, { status }, now).ambiguous).toBe(ambiguous);
});

test("a status that means delivered is refused", () => {
  expect(() => responseFailure(request, { status: 204 }, now)).toThrow(
    new TypeError("status 204 is not a failure"),
  );
});
