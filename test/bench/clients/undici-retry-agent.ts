import { Pool, RetryAgent } from "undici";
import {
  assertAnswered,
  bodyOf,
  type CreateClient,
  maxRetries,
  requestHeaders,
  retryStatuses,
} from "./client.ts";

/** undici's `request` through its RetryAgent, over the same pool. */
export const createClient: CreateClient = async (target) => {
  const { origin, pathname } = new URL(target.url);
  const agent = new RetryAgent(new Pool(origin, { connections: target.connections }), {
    maxRetries,
    minTimeout: target.retryDelayMs,
    methods: ["POST"],
    statusCodes: retryStatuses,
  });
  const body = bodyOf(target);
  return {
    async send() {
      const answer = await agent.request({
        origin,
        path: pathname,
        method: "POST",
        headers: requestHeaders,
        body,
      });
      assertAnswered(answer.statusCode, await answer.body.text());
    },
    close: () => agent.close(),
  };
};
