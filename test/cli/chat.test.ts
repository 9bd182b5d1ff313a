import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const command = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));

async function chat(agent: string, input: string) {
  const folder = mkdtempSync(join(tmpdir(), "jackfield-chat-"));
  writeFileSync(join(folder, "jackfield.toml"), `version = 1\n${agent}`);
  writeFileSync(
    join(folder, "agent.mjs"),
    'export const agent = ({ content, sender }) => sender + " said: " + content;',
  );
  const child = spawn(
    process.execPath,
    ["--conditions=@jackfield/source", command, "chat", "--as", "alice"],
    {
      cwd: folder,
    },
  );
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  rmSync(folder, { recursive: true });
  return { out, err, code: child.exitCode };
}

test("jackfield chat answers each line, in order, and ends with its input", async () => {
  const { out, code } = await chat('[agent]\nmodule = "./agent.mjs"\n', "Hello\n\nand again\n");
  expect([out, code]).toEqual(["alice said: Hello\nalice said: and again\n", 0]);
});

test("jackfield chat without an agent says what to add", async () => {
  const { err, code } = await chat("", "");
  expect(err).toContain("jackfield.toml has no [agent]: add one");
  expect(code).toBe(2);
});
