import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@jackfield/core";
import { expect, test } from "vitest";
import { openAgent } from "./open-agent.ts";
import { createContext, openTestAgent, question } from "./test-support.ts";

test("a module that exports agent answers", async () => {
  const files = { "agent.mjs": 'export const agent = ({ content }) => "You said: " + content;' };
  await using opened = await openTestAgent(files, { module: "./agent.mjs" });
  expect(await opened.ask()).toBe("You said: hello");
});

test.each([
  ["a file that is not there", {}, "there is no such file"],
  ["a file that is wrong", { "agent.mjs": "export const = 1" }, "it cannot be loaded"],
  [
    "a file without agent",
    { "agent.mjs": "export const answer = 1" },
    "no export named `agent` (it exports answer)",
  ],
  [
    "an agent that is no function",
    { "agent.mjs": "export const agent = 1" },
    "its export `agent` is no function",
  ],
])("%s is told in words", async (_name, files, words) => {
  await expect(openTestAgent(files, { module: "./agent.mjs" })).rejects.toMatchObject({
    code: "AGENT_INVALID",
    message: expect.stringContaining(words),
  });
});

test("a file that was mended is loaded anew, after one that could not be", async () => {
  const directory = await mkdtemp(join(tmpdir(), "jackfield-agent-"));
  const path = join(directory, "agent.mjs");
  const open = () =>
    openAgent({
      config: { module: "./agent.mjs" },
      directory,
      clock: systemClock,
      random: Math.random,
      onEvent: () => undefined,
    });
  writeFileSync(path, "export const = 1");
  await expect(open()).rejects.toMatchObject({ code: "AGENT_INVALID" });
  writeFileSync(path, 'export const agent = () => "mended";');
  await utimes(path, 1, 1);
  expect(await (await open()).run(question, createContext().context)).toBe("mended");
  await rm(directory, { recursive: true });
});

/** What a Node without a test runner, whose loader is another one, says about opening a file. */
async function openedInNode(name: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "jackfield-agent-"));
  await using _folder = {
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
  writeFileSync(join(directory, name), text);
  const script = `
    import { openAgent } from ${JSON.stringify(new URL("./open-agent.ts", import.meta.url).href)};
    const config = { module: ${JSON.stringify(name)} };
    const clock = { now: () => 0 };
    const opening = openAgent({ config, directory: ${JSON.stringify(directory)}, clock });
    console.log(await opening.then(({ run }) => run({ content: "hello" }), (error) => error.message));`;
  const flags = ["--conditions=@jackfield/source", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  return stdout.trim().replaceAll(directory, "");
}

test("the agent in TypeScript answers in Node as it stands", async () => {
  const text = readFileSync(new URL("../../../../config/agents/echo.ts", import.meta.url), "utf8");
  expect(await openedInNode("agent.ts", text)).toBe("You said: hello");
});

test.each([
  ["is not TypeScript", "agent.ts", "\nexport const agent: = 1;", "(/agent.ts:2)"],
  ["throws", "agent.mjs", '\n\nthrow new Error("no");', "it cannot be loaded: no (/agent.mjs:3)"],
  ["asks for an export that is not there", "agent.mjs", 'import { x } from "node:fs";', "(/agent.mjs:1)"],
])("a file that %s is told with its line", async (_name, file, text, words) => {
  expect(await openedInNode(file, text)).toContain(words);
});
