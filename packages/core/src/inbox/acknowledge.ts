import type { Received } from "./inbox.ts";

/**
 * The HTTP answer for what became of a message: 202 once it is stored, also for a repeat; 409 for the same id with other content;
 * 403 for a sender who may not speak; 429 with `Retry-After` (RFC 6585 section 4) where its thread is too fast; 422 where it can never be stored.
 */
export function acknowledge(received: Received): Response {
  switch (received.outcome) {
    case "accepted":
      return answerFor(received.id, received.state, {});
    case "duplicate":
      return answerFor(received.id, received.state, { duplicate: true });
    case "own":
      return Response.json({ ignored: true }, { status: 202 });
    case "conflict":
      return problem(409, "this id stands for another message already");
    case "rate_limited": {
      const seconds = Math.max(1, Math.ceil(received.retryAfterMs / 1000));
      return problem(429, "too many messages in this thread", { "retry-after": String(seconds) });
    }
    case "unstorable":
      return problem(422, "this message cannot be kept");
  }
}

function answerFor(id: string, state: string, extra: { readonly duplicate?: true }): Response {
  if (state === "refused") return problem(403, "this sender may not speak here");
  const dropped = state === "dropped" ? { dropped: true } : {};
  return Response.json({ id, ...extra, ...dropped }, { status: 202 });
}

function problem(status: number, error: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error }, { status, headers });
}
