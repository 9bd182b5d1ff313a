import { readFileSync } from "node:fs";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
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

test("the agent in Python reads UTF-8, whatever the locale", async () => {
  const script = readFileSync(new URL("../../../../config/agents/echo.py", import.meta.url), "utf8");
  const config = { command: ["python3", "agent.py"], env: { PYTHONIOENCODING: "latin-1" } };
  await using opened = await openTestAgent({ "agent.py": script }, config);
  expect(await opened.ask("héllo")).toBe("You said: héllo");
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
  const clock = createManualClock();
  const flood = 'for (let i = 0; i < 100_000; i++) process.stderr.write("line " + i + "\\n");';
  const script = answering(`${flood} process.stderr.write("", () => out({ id, result: "ok" }))`);
  await using opened = await openTestAgent({ "agent.mjs": script }, { command }, clock);
  expect(await opened.ask()).toBe("ok");
  await expect.poll(() => opened.events.filter(({ type }) => type === "agent_stderr")).toHaveLength(200);
  await expect
    .poll(async () => {
      await clock.advance(1000);
      const told = opened.events.filter(
        (event) => event.type === "agent_stderr" || event.type === "agent_stderr_dropped",
      );
      return told.reduce((sum, event) => sum + (event.type === "agent_stderr_dropped" ? event.lines : 1), 0);
    })
    .toBe(100_000);
});

test("garbage without end is told in part, and the rest is counted", async () => {
  const clock = createManualClock();
  const script = answering('for (let i = 0; i < 1000; i++) console.log("hm"); out({ id, result: "ok" })');
  await using opened = await openTestAgent({ "agent.mjs": script }, { command }, clock);
  expect(await opened.ask()).toBe("ok");
  await clock.advance(1000);
  const told = opened.events.filter(({ type }) => type === "agent_garbage");
  expect(told).toHaveLength(21);
  expect(told.at(-1)).toEqual({ type: "agent_garbage", reason: "980 lines more like these" });
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

test("a command that is no program is told in words", async () => {
  await expect(openTestAgent({}, { command: [""] })).rejects.toMatchObject({ code: "AGENT_INVALID" });
});

test("a death is noticed although a process that was left behind holds the pipes open", async () => {
  const clock = createManualClock();
  const script = answering(`
    const { spawn } = await import("node:child_process");
    const left = spawn("sleep", ["60"], { stdio: "inherit" });
    process.stderr.write("left " + left.pid + "\\n", () => process.exit(3));`);
  await using opened = await openTestAgent({ "agent.mjs": script }, { command }, clock);
  const turn = opened.ask();
  const died = expect(turn).rejects.toThrow("the agent died in this turn (exit code 3)");
  await expect.poll(() => clock.nextWakeMs).toBe(500);
  await clock.advance(500);
  await died;
  const left = opened.events.flatMap((event) => (event.type === "agent_stderr" ? [event.line] : []));
  process.kill(Number(left[0]?.replace("left ", "")));
});

test("an agent that does not read is not written to, and goes on where it was", async () => {
  const script = `
import { createInterface } from "node:readline";
let lines = 0;
setInterval(() => {}, 1000);
process.on("SIGUSR2", () => createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (method === "message") process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: "message " + ++lines }) + "\\n");
}));
process.stderr.write("up\\n");`;
  await using opened = await open(script);
  await expect.poll(() => opened.events).toContainEqual({ type: "agent_stderr", line: "up" });
  const stopping = new AbortController();
  const first = opened.ask("x".repeat(2_000_000), stopping.signal);
  const second = Promise.allSettled(
    Array.from({ length: 20 }, () => opened.ask("never written", stopping.signal)),
  );
  await nextTurn();
  stopping.abort(new Error("its time is over"));
  await expect(first).rejects.toThrow("its time is over");
  expect((await second).filter(({ status }) => status === "rejected")).toHaveLength(20);
  const next = opened.ask("hello");
  const started = opened.events.find((event) => event.type === "agent_started");
  process.kill(started?.pid ?? 0, "SIGUSR2");
  expect(await next).toBe("message 2");
});

test("text in pieces has an end", async () => {
  const script = answering(
    'for (let i = 0; i < 3; i++) out({ method: "chunk", params: { id, text: "x".repeat(500_000) } })',
  );
  await using opened = await open(script);
  await expect(opened.ask().then(collect)).rejects.toMatchObject({ code: "AGENT_ANSWER_INVALID" });
});

test("a message after text in pieces fails the turn, and is not lost in silence", async () => {
  const script = answering(
    'out({ method: "chunk", params: { id, text: "a" } }); out({ id, result: { content: "b" } })',
  );
  await using opened = await open(script);
  await expect(opened.ask().then(collect)).rejects.toMatchObject({ code: "AGENT_ANSWER_INVALID" });
});

test.each([
  ["that there is not", '{ method: "nope", params: { id } }', -32_601],
  ["of a turn that is over", '{ method: "history", params: { id: 99 } }', -32_602],
])("a request %s is answered with an error", async (_name, request, code) => {
  const script = agent(`
    const { error } = JSON.parse(line);
    if (error) out({ id: 1, result: "code " + error.code });
    else if (method === "message") out({ ...${request}, id: "r" });`);
  await using opened = await open(script);
  expect(await opened.ask()).toBe(`code ${code}`);
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
