import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createStandardSigner } from "@jackfield/webhook";
import { Pool } from "undici";
import type { Benchmark, Effort } from "./benchmark.ts";
import type { InboundReport } from "./inbound-server-process.ts";
import { pinnableCores } from "./machine.ts";
import { type PinnedProcess, startPinned } from "./pinned-process.ts";
import { content } from "./sample.ts";
import { median } from "./statistics.ts";

const plans: Readonly<Record<Effort, { readonly rounds: number; readonly requests: number }>> = {
  quick: { rounds: 2, requests: 3000 },
  full: { rounds: 7, requests: 20_000 },
};
const connections = 64;
const secret = `whsec_${Buffer.alloc(32, "bench").toString("base64")}`;

type Server = PinnedProcess<object, InboundReport>;

/** Messages that are verified, stored with fsync and acknowledged, beside a server that only reads the body. */
export const inbound: Benchmark = {
  name: "inbound",
  async run(effort, progress) {
    const { rounds, requests } = plans[effort];
    const folder = mkdtempSync(join(tmpdir(), "jackfield-inbound-"));
    const config = join(folder, "jackfield.toml");
    writeFileSync(
      config,
      `version = 1\n[gateway]\nport = 0\n[channels.webhook.ops]\nverify = "standard"\nverifySecret = "${secret}"\nthreadRateLimit = 0\n`,
    );
    const core = pinnableCores()?.client;
    try {
      await using hono: Server = await startPinned("./inbound-server-process.ts", ["hono"], core);
      await using gateway: Server = await startPinned(
        "./inbound-server-process.ts",
        ["gateway", folder, config],
        core,
      );
      const speeds: Record<"hono" | "gateway", number[]> = { hono: [], gateway: [] };
      let sent = 0;
      for (let round = 0; round <= rounds; round++) {
        for (const [name, server] of Object.entries({ hono, gateway })) {
          progress(`round ${round} of ${rounds}: ${name}`);
          const speed = await measure(server, requests, sent);
          sent += requests;
          // The first round compiles.
          if (round > 0) speeds[name === "hono" ? "hono" : "gateway"].push(speed);
        }
      }
      const [plain, ours] = [median(speeds.hono), median(speeds.gateway)];
      return {
        title: "Inbound messages: verified, stored and acknowledged",
        columns: [
          { title: "server" },
          { title: "requests a second of its core", digits: 0 },
          { title: "ratio", digits: 2 },
        ],
        rows: [
          ["hono, which only reads the body", plain, 1],
          ["gateway: Standard Webhooks, SQLite with fsync", ours, ours / plain],
        ],
        goals: [
          { what: "beside hono that reads the body", bound: "at least", target: 0.4, measured: ours / plain },
        ],
        notes: [
          `${rounds} rounds of ${requests} requests in turns, ${connections} connections, each message in one of 500 threads; the median. Counted per second of CPU time of the server's process.`,
        ],
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** @returns requests in a second of the server's CPU time */
async function measure(server: Server, requests: number, first: number): Promise<number> {
  const signer = createStandardSigner([secret]);
  const timestamp = Math.floor(Date.now() / 1000);
  const { url, cpuMs: before } = await server.ask({});
  const pool = new Pool(url, { connections });
  let next = first;
  const send = async () => {
    while (next < first + requests) {
      const number = next++;
      const body = JSON.stringify({ content, sender: "alice", threadId: `t${number % 500}` });
      const headers = ["content-type", "application/json", ...signer({ id: `m-${number}`, timestamp, body })];
      const answer = await pool.request({ path: "/webhook/ops", method: "POST", headers, body });
      await answer.body.dump();
      if (answer.statusCode !== 202) throw new Error(`the server answered ${answer.statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, send));
  await pool.close();
  const { cpuMs: after } = await server.ask({});
  return (requests / (after - before)) * 1000;
}
