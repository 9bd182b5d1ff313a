import { Pool } from "undici";
import { assertAnswered, bodyOf, type CreateClient, requestHeaders } from "./client.ts";

/** undici's `dispatch`, the layer below `request`, with the least that a handler can do: nothing on undici can be faster. */
export const createClient: CreateClient = async (target) => {
  const { origin, pathname } = new URL(target.url);
  const pool = new Pool(origin, { connections: target.connections });
  const body = bodyOf(target);
  const headers = Object.entries(requestHeaders).flat();
  return {
    send() {
      return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        let status = 0;
        pool.dispatch(
          { path: pathname, method: "POST", headers, body },
          {
            onRequestStart: () => undefined,
            onResponseStart(_controller, statusCode) {
              status = statusCode;
            },
            onResponseData(_controller, chunk) {
              chunks.push(chunk);
            },
            onResponseEnd() {
              try {
                assertAnswered(status, Buffer.concat(chunks).toString());
                resolve();
              } catch (error) {
                reject(error);
              }
            },
            onResponseError: (_controller, error) => reject(error),
          },
        );
      });
    },
    close: () => pool.close(),
  };
};
