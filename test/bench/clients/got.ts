import { Agent } from "node:http";
import got from "got";
import {
  assertAnswered,
  bodyOf,
  type CreateClient,
  maxRetries,
  requestHeaders,
  retryStatuses,
} from "./client.ts";

/** got with its own retries, over an agent that keeps its connections. */
export const createClient: CreateClient = async (target) => {
  const agent = new Agent({ keepAlive: true, maxSockets: target.connections });
  const client = got.extend({
    agent: { http: agent },
    headers: requestHeaders,
    retry: {
      limit: maxRetries,
      methods: ["POST"],
      statusCodes: retryStatuses,
      calculateDelay: ({ attemptCount, computedValue }) =>
        computedValue === 0 ? 0 : target.retryDelayMs * 2 ** (attemptCount - 1),
    },
  });
  const body = bodyOf(target);
  return {
    async send() {
      const answer = await client.post(target.url, { body });
      assertAnswered(answer.statusCode, answer.body);
    },
    close: async () => agent.destroy(),
  };
};
