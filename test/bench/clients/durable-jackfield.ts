import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMessenger } from "@jackfield/core";
import { openSqliteStore } from "@jackfield/store-sqlite";
import { webhook } from "@jackfield/webhook";
import type { CreateClient } from "./client.ts";

/** Jackfield's outbox: a send is over when the message was accepted to disk and then delivered. */
export const createClient: CreateClient = async ({ url, connections, content, retryDelayMs }) => {
  const folder = mkdtempSync(join(tmpdir(), "jackfield-bench-"));
  const delivered = new Map<string, () => void>();
  /** Delivered before its sender knew the id: the answer can be quicker than the promise. */
  const early = new Set<string>();
  const input = {
    sendUrl: url,
    allowPrivateNetwork: true,
    maxConcurrency: connections,
    retryBaseDelayMs: retryDelayMs,
  };
  const messenger = await openMessenger({
    store: openSqliteStore({ path: join(folder, "bench.db") }),
    channels: [{ type: webhook, alias: "bench", input }],
    onEvent(event) {
      if (event.type !== "attempt") return;
      if (event.decision !== undefined)
        throw new Error(`an attempt failed: ${event.attempt.failure?.message}`);
      const resolve = delivered.get(event.id);
      delivered.delete(event.id);
      if (resolve) resolve();
      else early.add(event.id);
    },
  });
  const stop = new AbortController();
  const running = messenger.run({ signal: stop.signal });
  return {
    async send() {
      const { id } = await messenger.enqueue("webhook.bench", content);
      if (!early.delete(id)) await new Promise<void>((resolve) => delivered.set(id, resolve));
    },
    async close() {
      stop.abort();
      await running;
      await messenger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
