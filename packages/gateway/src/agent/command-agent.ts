import {
  type AgentAnswer,
  type AgentContext,
  createRetryPolicy,
  DeliveryError,
  decide,
  type InboundMessage,
  type OpenAgent,
  orAborted,
} from "@jackfield/core";
import { AgentProcess } from "./agent-process.ts";
import { CommandTurn } from "./command-turn.ts";
import { LineLimit } from "./line-limit.ts";
import type { AgentOptions } from "./open-agent.ts";
import { turnParams } from "./turn-params.ts";

/** How long a process has to live before its death is a first one again, in milliseconds. */
const healthyAfterMs = 10_000;
/** How many lines on stdout that are none of the protocol are told in a second. */
const garbagePerSecond = 20;

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
  readonly #garbage: LineLimit;
  readonly #closing = new AbortController();
  readonly #turns = new Map<number, CommandTurn>();
  #process: AgentProcess | undefined;
  /** Resolves when the process is there, after a backoff where it has died. */
  #ready: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #deaths = 0;
  #lastId = 0;

  constructor(command: readonly string[], options: AgentOptions) {
    const { clock, onEvent } = options;
    this.#command = command;
    this.#options = options;
    this.#garbage = new LineLimit({
      clock,
      linesPerSecond: garbagePerSecond,
      onLine: (reason) => onEvent({ type: "agent_garbage", reason }),
      onDropped: (lines) => onEvent({ type: "agent_garbage", reason: `${lines} lines more like these` }),
    });
  }

  /** @throws JackfieldError `AGENT_INVALID` for a program that cannot be started */
  async start(): Promise<void> {
    const { directory, config, clock, onEvent } = this.#options;
    const process: AgentProcess = await AgentProcess.start({
      ...{ command: this.#command, directory, env: config.env, clock, onEvent },
      onLine: (line) => this.#take(process, line),
    });
    this.#process = process;
    this.#startedAt = clock.monotonic();
    void process.ended.then((how) => this.#died(how));
  }

  #died(how: string): void {
    this.#process = undefined;
    for (const turn of this.#turns.values()) {
      turn.fail(
        new DeliveryError(`the agent died in this turn (${how})`, { kind: "network", ambiguous: true }),
      );
    }
    this.#turns.clear();
    if (this.#options.clock.monotonic() - this.#startedAt >= healthyAfterMs) this.#deaths = 0;
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
    const { signal } = context;
    await orAborted(signal, () => this.#ready);
    // An agent that has stopped reading is not written to: what it is sent would only fill our memory.
    for (let room = this.#process?.room; room; room = this.#process?.room) {
      await orAborted(signal, async () => room);
      await orAborted(signal, () => this.#ready);
    }
    signal.throwIfAborted();
    const process = this.#process;
    if (!process) throw new DeliveryError("the agent is not running", { kind: "network", ambiguous: false });
    const id = ++this.#lastId;
    const reply = async (response: object) => {
      for (let room = process.room; room; room = process.room) await room;
      process.write(response);
    };
    const turn = new CommandTurn({ id, context, reply, onGarbage: (reason) => this.#garbage.line(reason) });
    this.#turns.set(id, turn);
    const cancel = () => process.write({ jsonrpc: "2.0", method: "cancel", params: { id } });
    signal.addEventListener("abort", cancel, { once: true });
    void turn.ended.finally(() => {
      signal.removeEventListener("abort", cancel);
      this.#turns.delete(id);
    });
    process.write({ jsonrpc: "2.0", id, method: "message", params: turnParams(message, context) });
    return turn.answer();
  }

  #take(process: AgentProcess, line: string): void {
    if (line.trim() === "") return;
    const body = parseLine(line);
    const turn = body && this.#turns.get(turnOf(body));
    if (turn) {
      turn.take(body);
      return;
    }
    this.#garbage.line(body ? "a line that belongs to no turn" : "a line that is no JSON-RPC 2.0");
    // An agent that is late asks for a turn that is over: it must not wait for an answer for ever.
    if (body && "method" in body && isId(body.id) && !process.room) {
      const error = { code: -32_602, message: "params.id is not the id of a turn that is under way" };
      process.write({ jsonrpc: "2.0", id: body.id, error });
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    // One that could not be started again has been told.
    await this.#ready.catch(() => undefined);
    await this.#process?.stop();
    this.#garbage.end();
  }
}

function parseLine(line: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(line);
    return isObject(body) && body.jsonrpc === "2.0" && ("method" in body || "id" in body) ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Which turn a line belongs to: a response by its own id, a notification or a request of the agent by the one in its params. */
function turnOf(body: Record<string, unknown>): number {
  const id = "method" in body ? isObject(body.params) && body.params.id : body.id;
  return typeof id === "number" ? id : 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isId(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
