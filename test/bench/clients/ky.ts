import ky from "ky";
import {
  assertAnswered,
  bodyOf,
  type CreateClient,
  maxRetries,
  requestHeaders,
  retryStatuses,
} from "./client.ts";

/** ky over Node's own fetch, which opens as many connections as there are requests under way. */
export const createClient: CreateClient = async (target) => {
  const client = ky.create({
    headers: requestHeaders,
    retry: {
      limit: maxRetries,
      methods: ["post"],
      statusCodes: retryStatuses,
      delay: (attempt) => target.retryDelayMs * 2 ** (attempt - 1),
    },
  });
  const body = bodyOf(target);
  return {
    async send() {
      const answer = await client.post(target.url, { body });
      assertAnswered(answer.status, await answer.text());
    },
    close: async () => undefined,
  };
};
