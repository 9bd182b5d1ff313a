import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createReceiver, status } from "@jackfield/testkit";
import { expect, test } from "vitest";

const folder = import.meta.dirname;
const readme = readFileSync(join(folder, "../../README.md"), "utf8");

/** Runs an example as its reader would, in a folder of its own. */
async function run(
  example: string,
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const args = ["--conditions=@jackfield/source", join(folder, example)];
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(code).toBe(0);
  return printed;
}

test("the six lines of the durable library deliver what they accept, and are the README's", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "jackfield-example-"));
  try {
    await using receiver = await createReceiver({ script: [status(503)] });
    writeFileSync(
      join(cwd, "jackfield.toml"),
      `version = 1\n[channels.webhook.ops]\nsendUrl = "${receiver.url}"\nallowHosts = ["127.0.0.1"]\nretryBaseDelayMs = 10\n`,
    );
    expect(await run("durable-library.ts", cwd)).toMatch(/^msg_\S+ is through\n$/);
    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(
      Array.from({ length: 2 }, () => '{"content":"The disk is full."}'),
    );
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
  expect(readme).toContain(codeOf("durable-library.ts"));
});

test("the direct example delivers", async () => {
  await using receiver = await createReceiver();
  expect(await run("direct-library.ts", folder, { OPS_URL: receiver.url })).toBe("answered 200 after 1\n");
});

/** An example up to its last paragraph, which only prints. */
function codeOf(example: string): string {
  return readFileSync(join(folder, example), "utf8").split("\n\nconsole.log")[0] ?? "";
}
