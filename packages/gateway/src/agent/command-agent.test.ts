import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createManualClock } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { collect, createContext, openTestAgent, question } from "./test-support.ts";

/** The beginning of an agent that answers each message with what `answer` says. */
const agent = (answer: string, before = "") => `
import { createInterface } from "node:readline";
const out = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
${before}
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params, result } = JSON.parse(line);
  ${answer}
});
`;
const answering = (answer: string) => agent(`if (method === "message") { ${answer} }`);
const command = [process.execPath, "agent.mjs"];
const open = (script: string) => openTestAgent({ "agent.mjs": script }, { command });

test("a program answers with text, a message, a list or nothing", async () => {
  await using opened = await open(answering("out({ id, result: JSON.parse(params.message.content) })"));
  for (const answer of ["text", { content: "x" }, ["a", { content: "b" }], null]) {
    expect(await opened.ask(JSON.stringify(answer))).toEqual(answer);
  }
});

test("the agent in Python answers", async () => {
  const script = readFileSync(new URL("../../../../config/agents/echo.py", import.meta.url), "utf8");
  await using opened = await openTestAgent({ "agent.py": script }, { command: ["python3", "agent.py"] });
  expect(await opened.ask("héllo \u2028 ")).toBe("You said: héllo \u2028 ");
});

test("turns go side by side, and each gets its own answer", async () => {
  const script = answering(
    'setTimeout(() => out({ id, result: params.message.content }), params.message.content === "a" ? 60 : 1)',
  );
  await using opened = await open(script);
  expect(await Promise.all(["a", "b", "c"].map((content) => opened.ask(content)))).toEqual(["a", "b", "c"]);
});

test("text in pieces is an async iterable", async () => {
  const script = answering(
    'out({ method: "chunk", params: { id, text: "Hel" } }); out({ method: "chunk", params: { id, text: "lo" } }); out({ id, result: null })',
  );
  await using opened = await open(script);
  expect((await collect(await opened.ask())).join("")).toBe("Hello");
});

test("what it calls is done: send, log, resolve, history", async () => {
  const script = agent(`
    if (result) return out({ id: 1, result: "history has " + result.length });
    if (method !== "message") return;
    out({ method: "send", params: { id, channel: "box.two", message: "for others" } });
    out({ method: "log", params: { id, level: "warn", text: "hm" } });
    out({ method: "resolve", params: { id, resolution: "done" } });
    out({ id: "h", method: "history", params: { id, limit: 3 } });`);
  await using opened = await open(script);
  const { context, calls } = createContext();
  expect(await opened.agent.run(question, context)).toBe("history has 1");
  expect(calls).toEqual(["send box.two for others", "warn hm", "resolve done"]);
});

test("an error that it answers with is the turn's failure", async () => {
  await using opened = await open(answering('out({ id, error: { code: 1, message: "out of tokens" } })'));
  await expect(opened.ask()).rejects.toThrow("out of tokens");
});

test.each([
  ["a number", "42", "a number that is no answer"],
  ["an object without content", '{ text: "x" }', "an object that is no answer"],
])("an answer that is %s fails the turn", async (_name, answer, words) => {
  await using opened = await open(answering(`out({ id, result: ${answer} })`));
  await expect(opened.ask()).rejects.toMatchObject({
    code: "AGENT_ANSWER_INVALID",
    message: expect.stringContaining(words),
  });
});

test("garbage on stdout is told, and the answer behind it counts", async () => {
  const script = answering(
    'console.log("hello?"); console.log("{}"); out({ id: 999, result: 1 }); out({ id, result: "ok" })',
  );
  await using opened = await open(script);
  expect(await opened.ask()).toBe("ok");
  expect(opened.events.filter(({ type }) => type === "agent_garbage")).toHaveLength(3);
});

test("a turn that hangs ends with its signal, and the agent is told", async () => {
  const script = agent('if (method === "cancel") process.stderr.write("cancelled " + params.id + "\\n")');
  await using opened = await open(script);
  const stopping = new AbortController();
  const turn = opened.ask("hello", stopping.signal);
  await sleep(50);
  stopping.abort(new Error("its time is over"));
  await expect(turn).rejects.toThrow("its time is over");
  await expect.poll(() => opened.events).toContainEqual({ type: "agent_stderr", line: "cancelled 1" });
});

test("an agent that dies in a turn fails it, and is there again for the next one", async () => {
  const script = answering(
    'if (params.message.content === "die") process.exit(3); out({ id, result: "ok" })',
  );
  await using opened = await open(script);
  await expect(opened.ask("die")).rejects.toThrow("the agent died in this turn (exit code 3)");
  expect(opened.events).toContainEqual({ type: "agent_died", how: "exit code 3", restartInMs: 250 });
  expect(await opened.ask()).toBe("ok");
});

test("an agent that dies again and again is started with longer and longer waits", async () => {
  const clock = createManualClock();
  await using opened = await openTestAgent({ "agent.mjs": "process.exit(1)" }, { command }, clock);
  const waits = () =>
    opened.events.flatMap((event) => (event.type === "agent_died" ? [event.restartInMs] : []));
  for (const expected of [[250], [250, 500], [250, 500, 1000]]) {
    await expect.poll(waits, { timeout: 5000 }).toEqual(expected);
    await clock.advance(expected.at(-1) ?? 0);
  }
});

test("a flood on stderr is passed on in part, and the rest is counted", async () => {
  const flood = 'for (let i = 0; i < 20000; i++) process.stderr.write("line " + i + "\\n");';
  await using opened = await open(answering(`${flood} out({ id, result: "ok" })`));
  expect(await opened.ask()).toBe("ok");
  expect(opened.events.filter(({ type }) => type === "agent_stderr").length).toBeLessThan(2000);
});

test("an answer of 900 KiB arrives whole, and one of more than 1 MiB ends the process", async () => {
  await using opened = await open(
    answering('out({ id, result: "x".repeat(Number(params.message.content)) })'),
  );
  expect(String(await opened.ask(String(900 * 1024))).length).toBe(900 * 1024);
  await expect(opened.ask(String(1024 * 1024))).rejects.toThrow("the agent died in this turn");
});

test("a program that is not there is told in words", async () => {
  await expect(openTestAgent({}, { command: ["no-such-program"] })).rejects.toMatchObject({
    code: "AGENT_INVALID",
    message: expect.stringContaining('"no-such-program" cannot be started (ENOENT)'),
  });
});

test("closing leaves no process behind, even one that does not listen", async () => {
  const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);';
  const clock = createManualClock();
  const opened = await openTestAgent({ "agent.mjs": stubborn }, { command }, clock);
  const started = opened.events.find((event) => event.type === "agent_started");
  await sleep(200);
  const closed = opened[Symbol.asyncDispose]();
  await sleep(50);
  await clock.advance(2000);
  await sleep(50);
  await clock.advance(2000);
  await closed;
  expect(() => process.kill(started?.pid ?? 0, 0)).toThrow("ESRCH");
});

test("it has the variables of its configuration", async () => {
  const config = { command, env: { GREETING: "hi" } };
  await using opened = await openTestAgent(
    { "agent.mjs": answering("out({ id, result: process.env.GREETING })") },
    config,
  );
  expect(await opened.ask()).toBe("hi");
});
