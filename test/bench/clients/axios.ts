import { Agent } from "node:http";
import axios from "axios";
import axiosRetry from "axios-retry";
import {
  assertAnswered,
  bodyOf,
  type CreateClient,
  maxRetries,
  requestHeaders,
  retryStatuses,
} from "./client.ts";

/** axios with axios-retry, over an agent that keeps its connections. */
export const createClient: CreateClient = async (target) => {
  const agent = new Agent({ keepAlive: true, maxSockets: target.connections });
  const client = axios.create({
    headers: requestHeaders,
    httpAgent: agent,
    proxy: false,
    responseType: "text",
    transformResponse: [],
  });
  axiosRetry(client, {
    retries: maxRetries,
    retryDelay: (count) => target.retryDelayMs * 2 ** (count - 1),
    retryCondition: (error) => error.response === undefined || retryStatuses.includes(error.response.status),
  });
  const body = bodyOf(target);
  return {
    async send() {
      const answer = await client.post<string>(target.url, body);
      assertAnswered(answer.status, answer.data);
    },
    close: async () => agent.destroy(),
  };
};
