// `npm start`: a message on its whole trip. It is posted, signed, to the gateway; an agent answers; and the answer reaches a receiver
// that fails twice before it works. Gateway and receiver are the real command, as a newcomer would type it in two terminals.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createStandardSigner } from "@jackfield/webhook";

const command = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
const configuration = fileURLToPath(new URL("jackfield.toml", import.meta.url));
const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
const folder = mkdtempSync(join(tmpdir(), "jackfield-quickstart-"));

/** Ports and the store's place are taken as they are free: variables of the environment override the file. */
const overrides: NodeJS.ProcessEnv = {
  DEMO_SECRET: secret,
  JACKFIELD_LISTEN_SECRET: secret,
  JACKFIELD_GATEWAY__PORT: "0",
  JACKFIELD_STORE__URL: `sqlite:${join(folder, "jackfield.db")}`,
};

function jackfield(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  console.log(`$ jackfield ${args.map((arg) => (arg.includes(" ") ? `"${arg}"` : arg)).join(" ")}`);
  const child = spawn(process.execPath, ["--conditions=@jackfield/source", command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...overrides, ...env },
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      const text = readable(line);
      console.log(`${name.padEnd(8)} | ${text}`);
      child.emit("said", text);
    });
  }
  return child;
}

/** The log is JSON where it is read by a program; people read what it says. */
function readable(line: string): string {
  if (!line.startsWith("{")) return line;
  const { msg, channel, thread } = JSON.parse(line) as Record<string, string>;
  return [thread ?? channel, msg].filter(Boolean).join("  ");
}

/** Resolves with what a line of a process has in the place of the group. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on("said", (line: string) => {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`a process ended before it said ${pattern}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("close", resolve));
}

const receiver = jackfield("receiver", [
  "listen",
  "--port",
  "0",
  "--respond",
  "503,500,200",
  "--retry-after",
  "1",
]);
const hook = `${(await said(receiver, /(http:\/\/\S+)/)).replace("127.0.0.1", "localhost")}hook`;
const gateway = jackfield("gateway", ["run", "-c", configuration], {
  JACKFIELD_CHANNELS__WEBHOOK__DEMO__SEND_URL: hook,
});
const address = await said(gateway, /listening on (http:\/\/\S+)/);

const delivered = said(gateway, /(attempt 3 delivered)/);
const body = JSON.stringify({ content: "Hello, Jackfield", sender: "newcomer", threadId: "first-steps" });
const timestamp = Math.floor(Date.now() / 1000);
const signed = createStandardSigner([secret])({ id: `demo-${timestamp}`, timestamp, body });
console.log(`$ curl ${address}/webhook/demo -H "webhook-signature: ..." -d '${body}'`);
const answer = await fetch(`${address}/webhook/demo`, {
  method: "POST",
  headers: [["content-type", "application/json"], ...pairs(signed)],
  body,
});
console.log(`sender   | ${answer.status} ${await answer.text()}`);
await delivered;
gateway.kill("SIGTERM");
await ended(gateway);
receiver.kill();
await ended(receiver);
rmSync(folder, { recursive: true });
process.exitCode = gateway.exitCode ?? 1;

function pairs(headers: readonly string[]): [string, string][] {
  return headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1] ?? ""]] : []));
}
