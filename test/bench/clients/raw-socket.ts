import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { bodyOf, type CreateClient, requestHeaders } from "./client.ts";

/**
 * Ready-made bytes on bare sockets, the answer not even parsed: no HTTP client. It shows how much the server can take, and
 * so that the server is not what the others wait for.
 */
export const createClient: CreateClient = async (target) => {
  const { host, hostname, port, pathname } = new URL(target.url);
  const body = bodyOf(target);
  const headers = { host, ...requestHeaders, "content-length": Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const request = Buffer.from([`POST ${pathname} HTTP/1.1`, ...lines, "", body].join("\r\n"));
  const sockets = await Promise.all(
    Array.from({ length: target.connections }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      await once(socket, "connect");
      return socket;
    }),
  );
  const free: Socket[] = [...sockets];
  return {
    send() {
      return new Promise((resolve, reject) => {
        const socket = free.pop();
        if (!socket) {
          reject(new Error(`more than ${target.connections} requests at the same time`));
          return;
        }
        // The server writes its small answer at once, and here it comes in one piece.
        socket.once("data", () => {
          free.push(socket);
          resolve();
        });
        socket.write(request);
      });
    },
    async close() {
      for (const socket of sockets) socket.destroy();
    },
  };
};
