import { Pool } from "undici";
import { assertAnswered, bodyOf, type CreateClient, requestHeaders } from "./client.ts";

/** undici's `request` on a pool and nothing else: the yardstick. */
export const createClient: CreateClient = async (target) => {
  const { origin, pathname } = new URL(target.url);
  const pool = new Pool(origin, { connections: target.connections });
  const body = bodyOf(target);
  return {
    async send() {
      const answer = await pool.request({ path: pathname, method: "POST", headers: requestHeaders, body });
      assertAnswered(answer.statusCode, await answer.body.text());
    },
    close: () => pool.close(),
  };
};
