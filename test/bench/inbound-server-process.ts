// The server of the inbound benchmark: `hono`, which only reads the body, or `gateway`, which verifies, stores and acknowledges.
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { channelTypes, loadConfig, openGateway, openSqliteStore } from "jackfield";
import { answerQuestions } from "./pinned-process.ts";

/** What the server has to say of itself. */
export interface InboundReport {
  readonly url: string;
  /** CPU time of its process since it was started, in milliseconds. */
  readonly cpuMs: number;
}

const [kind = "", folder = "", config = ""] = process.argv.slice(2);
const url = kind === "gateway" ? await startGateway() : await startHono();
answerQuestions<object, InboundReport>(async () => {
  const { user, system } = process.cpuUsage();
  return { url, cpuMs: (user + system) / 1000 };
});

function startHono(): Promise<string> {
  const app = new Hono();
  app.post("/webhook/ops", async (c) => {
    await c.req.arrayBuffer();
    return c.json({ id: "inb_0" }, 202);
  });
  return new Promise((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
}

async function startGateway(): Promise<string> {
  const { deployment } = await loadConfig({ path: config, types: channelTypes, env: {} });
  const store = openSqliteStore({
    path: join(mkdtempSync(join(folder || tmpdir(), "store-")), "jackfield.db"),
  });
  const listening = Promise.withResolvers<string>();
  const gateway = await openGateway({
    deployment,
    directory: folder,
    store,
    onEvent: (event) => {
      if (event.type === "listening") listening.resolve(event.address.url);
    },
  });
  void gateway.run(new AbortController().signal);
  return listening.promise;
}
