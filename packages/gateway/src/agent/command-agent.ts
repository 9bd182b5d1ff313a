import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  type AgentAnswer,
  type AgentContext,
  createRetryPolicy,
  DeliveryError,
  decide,
  type InboundMessage,
  JackfieldError,
  type OpenAgent,
} from "@jackfield/core";
import { CommandTurn } from "./command-turn.ts";
import { readLines } from "./line-reader.ts";
import type { AgentOptions } from "./open-agent.ts";
import { StderrLimit } from "./stderr-limit.ts";
import { turnParams } from "./turn-params.ts";

/** The longest line on stdout, in bytes: an answer. */
const maxLineBytes = 1_048_576;
/** The longest line of stderr that is passed on, in bytes. */
const maxStderrBytes = 8192;
/** How long a process is given to end, first after the end of its stdin, then after SIGTERM, in milliseconds. */
const endWaitMs = 2000;
/** How long a process has to live before its death is a first one again, in milliseconds. */
const healthyAfterMs = 10_000;

const backoff = createRetryPolicy({ maxRetries: 1_000_000, retryBaseDelayMs: 250, retryMaxDelayMs: 30_000 });

/** An agent in a process of its own: JSON-RPC 2.0, one message a line, on stdin and stdout. It is started again when it dies. */
export async function openCommandAgent(
  command: readonly string[],
  options: AgentOptions,
): Promise<OpenAgent> {
  const agent = new CommandAgent(command, options);
  await agent.start();
  return { run: (message, context) => agent.run(message, context), close: () => agent.close() };
}

class CommandAgent {
  readonly #command: readonly string[];
  readonly #options: AgentOptions;
  readonly #closing = new AbortController();
  readonly #turns = new Map<number, CommandTurn>();
  #child: ChildProcess | undefined;
  /** Resolves when the process is there, after a backoff where it has died. */
  #ready: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #deaths = 0;
  #lastId = 0;

  constructor(command: readonly string[], options: AgentOptions) {
    this.#command = command;
    this.#options = options;
  }

  /** @throws JackfieldError `AGENT_INVALID` for a program that cannot be started */
  async start(): Promise<void> {
    const [program = "", ...args] = this.#command;
    const { directory, config, clock, onEvent } = this.#options;
    const child = spawn(program, args, {
      cwd: directory,
      env: { ...process.env, ...config.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    try {
      await once(child, "spawn");
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "it failed";
      throw new JackfieldError(
        "AGENT_INVALID",
        `the agent's command "${program}" cannot be started (${code}): check agent.command, and that the program is installed`,
        { cause },
      );
    }
    this.#child = child;
    this.#startedAt = clock.monotonic();
    onEvent({ type: "agent_started", pid: child.pid ?? 0 });
    // Who has died does not read any more; its end is told by its exit.
    child.stdin.on("error", () => undefined);
    const stderr = new StderrLimit(clock, onEvent);
    readLines(child.stderr, maxStderrBytes, {
      onLine: (line) => stderr.line(line),
      onTooLong: (line) => stderr.line(`${line}…`),
    });
    readLines(child.stdout, maxLineBytes, {
      onLine: (line) => this.#take(line),
      onTooLong: () => {
        onEvent({ type: "agent_garbage", reason: `a line of more than ${maxLineBytes} bytes` });
        child.kill("SIGKILL");
      },
    });
    child.once("close", (code, signal) => this.#died(child, signal ?? `exit code ${code}`));
  }

  #died(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const { clock } = this.#options;
    for (const turn of this.#turns.values()) {
      turn.fail(
        new DeliveryError(`the agent died in this turn (${how})`, { kind: "network", ambiguous: true }),
      );
    }
    this.#turns.clear();
    if (clock.monotonic() - this.#startedAt >= healthyAfterMs) this.#deaths = 0;
    this.#startAgain(how);
  }

  #startAgain(how: string): void {
    const { signal } = this.#closing;
    if (signal.aborted) return;
    const { clock, random, onEvent } = this.#options;
    this.#deaths++;
    const decision = decide(backoff, { kind: "unknown", ambiguous: false }, this.#deaths, random);
    const restartInMs = decision.action === "retry" ? decision.delayMs : 0;
    onEvent({ type: "agent_died", how, restartInMs });
    this.#ready = clock.sleep(restartInMs, signal).then(() => this.start());
    // Each turn that waits for it is told as well.
    this.#ready.catch((error) => this.#startAgain(error instanceof Error ? error.message : String(error)));
  }

  async run(message: InboundMessage, context: AgentContext): Promise<AgentAnswer> {
    await orAborted(this.#ready, context.signal);
    const child = this.#child;
    if (!child) throw new DeliveryError("the agent is not running", { kind: "network", ambiguous: false });
    const id = ++this.#lastId;
    const turn = new CommandTurn(id, context, (reply) => this.#write(reply), this.#options.onEvent);
    this.#turns.set(id, turn);
    const cancel = () => this.#write({ jsonrpc: "2.0", method: "cancel", params: { id } });
    context.signal.addEventListener("abort", cancel, { once: true });
    void turn.ended.finally(() => {
      context.signal.removeEventListener("abort", cancel);
      this.#turns.delete(id);
    });
    this.#write({ jsonrpc: "2.0", id, method: "message", params: turnParams(message, context) });
    return turn.answer();
  }

  /** One line to the agent. What it does not read yet waits in the pipe's buffer: a turn writes one line, and turns are bounded. */
  #write(message: object): void {
    this.#child?.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    const message = parseLine(line);
    const turn = message && this.#turns.get(message.turn);
    if (turn) turn.take(message.body);
    else {
      const reason = message ? "a line that belongs to no turn" : "a line that is no JSON-RPC 2.0";
      this.#options.onEvent({ type: "agent_garbage", reason });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ready.catch(() => undefined);
    const child = this.#child;
    if (!child) return;
    const exited = once(child, "close");
    child.stdin?.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      const over = new AbortController();
      const late = this.#options.clock.sleep(endWaitMs, over.signal).then(
        () => true,
        () => false,
      );
      const isLate = await Promise.race([exited.then(() => false), late]);
      over.abort();
      if (!isLate) return;
      child.kill(signal);
    }
    await exited;
  }
}

/** Which turn a line belongs to: a response by its own id, a notification or a request of the agent by the one in its params. */
function parseLine(
  line: string,
): { readonly turn: number; readonly body: Record<string, unknown> } | undefined {
  let body: unknown;
  try {
    body = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isObject(body) || body.jsonrpc !== "2.0") return undefined;
  const turn = "method" in body ? (isObject(body.params) ? body.params.id : undefined) : body.id;
  return typeof turn === "number" ? { turn, body } : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

async function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
