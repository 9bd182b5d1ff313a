import { createReceiver, status } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { createWorkspace, opsChannel } from "./command.ts";

const ops = opsChannel("http://127.0.0.1:9/hook");

describe("output", () => {
  test("a reader that leaves early ends nothing that was begun, and no stack trace is shown", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const sending = workspace.start(["send", "webhook.ops", "Hello"]);
    sending.child.stdout?.destroy();

    const { code, err } = await sending.ended;

    expect({ code, err: err.replace(/\d+ ms/, "n ms") }).toEqual({
      code: 0,
      err: "attempt 1  delivered  200  n ms\ndelivered after 1 attempt\n",
    });
    expect(receiver.requests).toHaveLength(1);
  });

  test("what nobody foresaw is a line, and with JACKFIELD_DEBUG a stack", async () => {
    await using workspace = await createWorkspace(ops);
    // A module that cannot be loaded stands for whatever can go wrong inside.
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(throwing)}` };

    const short = await workspace.jackfield("config check", { env });
    const long = await workspace.jackfield("config check", { env: { ...env, JACKFIELD_DEBUG: "1" } });

    expect(short).toEqual({
      code: 1,
      out: "",
      err: "something went wrong that should not: the stars are wrong (please report it, with what JACKFIELD_DEBUG=1 prints)\n",
    });
    expect(long.err).toMatch(/^\s+at /m);
  });

  test("no secret is in anything that is printed", async () => {
    await using receiver = await createReceiver({ script: [status(401)], afterScript: status(500) });
    const canary = Buffer.from("canary-of-24-bytes-at-least").toString("base64");
    await using workspace = await createWorkspace(
      opsChannel(
        `${receiver.url}?token=${canary}`,
        `authHeader = "Bearer ${canary}"
secret = { env = "OPS_SECRET" }
previousSecrets = [{ file = "./old-secret" }]
headers = { "x-api-key" = "${canary}" }`,
      ),
    );
    await workspace.write(`whsec_${canary}\n`, "old-secret");
    const env = { OPS_SECRET: `whsec_${canary}` };
    const lines = [
      "send webhook.ops Hello",
      "send webhook.ops Hello --json",
      "deliveries list",
      "deliveries list --json",
      "config show --origin",
      "config show --json",
      "config get channels.webhook.ops",
      "config check --json",
      "channels list --json",
      "channels doctor",
      "store stats",
      "send webhook.ops Hello --direct",
      "config set channels.webhook.ops.secret whsec_",
      "config set channels.webhook.ops.maxRetries many",
    ];

    const printed: string[] = [];
    for (const line of lines) {
      const { out, err } = await workspace.call(line, { env });
      if (`${out}${err}`.includes(canary)) printed.push(`${line}: ${out}${err}`);
    }

    expect(printed).toEqual([]);
  });
});

const throwing = `
import { Module } from "node:module";
import fs from "node:fs/promises";
fs.open = fs.readFile = () => { throw new TypeError("the stars are wrong"); };
Module.syncBuiltinESMExports?.();
import("node:module").then((m) => m.syncBuiltinESMExports());
`;
