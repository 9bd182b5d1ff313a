import pRetry, { AbortError } from "p-retry";
import {
  assertAnswered,
  bodyOf,
  type CreateClient,
  maxRetries,
  requestHeaders,
  retryStatuses,
} from "./client.ts";

/** p-retry over Node's own fetch, as its readme has it. */
export const createClient: CreateClient = async (target) => {
  const body = bodyOf(target);
  const options = { retries: maxRetries, minTimeout: target.retryDelayMs };

  async function attempt(): Promise<void> {
    const answer = await fetch(target.url, { method: "POST", headers: requestHeaders, body });
    const text = await answer.text();
    if (!answer.ok && !retryStatuses.includes(answer.status)) throw new AbortError(answer.statusText);
    assertAnswered(answer.status, text);
  }

  return {
    send: () => pRetry(attempt, options),
    close: async () => undefined,
  };
};
