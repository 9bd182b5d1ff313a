import { expect, test } from "vitest";
import type { ReceivedRequest } from "./exchange.ts";
import { createRequestLog } from "./request-log.ts";

function requestNumber(number: number): ReceivedRequest {
  return { number, method: "POST", path: "/hook", headers: {}, rawHeaders: [], body: Buffer.from(""), at: 0 };
}

test("next takes each request once, oldest first", async () => {
  const log = createRequestLog();
  log.add(requestNumber(1));
  log.add(requestNumber(2));
  expect([(await log.next()).number, (await log.next()).number]).toEqual([1, 2]);
});

test("next waits for a request that has not come", async () => {
  const log = createRequestLog();
  const [first, second] = [log.next(), log.next()];
  log.add(requestNumber(1));
  log.add(requestNumber(2));
  expect([(await first).number, (await second).number]).toEqual([1, 2]);
});

test("taking a request leaves it in the list", async () => {
  const log = createRequestLog();
  log.add(requestNumber(1));
  await log.next();
  expect(log.requests.map(({ number }) => number)).toEqual([1]);
});

test("an aborted wait rejects with the reason and swallows no request", async () => {
  const log = createRequestLog();
  const abort = new AbortController();
  const waiting = log.next({ signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  log.add(requestNumber(1));
  await expect(waiting).rejects.toBe(reason);
  expect((await log.next()).number).toBe(1);
});

test("a wait that is aborted before it begins takes nothing", async () => {
  const log = createRequestLog();
  log.add(requestNumber(1));
  await expect(log.next({ signal: AbortSignal.abort() })).rejects.toThrow("aborted");
  expect((await log.next()).number).toBe(1);
});

test("closing hands out what is there and rejects every other wait", async () => {
  const log = createRequestLog();
  const waiting = log.next();
  log.add(requestNumber(1));
  const early = log.next();
  log.close();
  await expect(waiting).resolves.toMatchObject({ number: 1 });
  await expect(early).rejects.toThrow("the receiver is closed after 1 of them");
  await expect(log.next()).rejects.toThrow("the receiver is closed after 1 of them");
});

test("a request that is not taken can still be taken after closing", async () => {
  const log = createRequestLog();
  log.add(requestNumber(1));
  log.close();
  expect((await log.next()).number).toBe(1);
});
