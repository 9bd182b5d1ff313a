import { type AgentAnswer, type AgentContext, JackfieldError } from "@jackfield/core";
import * as z from "zod";
import { parseAnswer, sentMessage } from "./parse-answer.ts";

const send = z.object({ channel: z.string(), message: sentMessage });
const log = z.object({
  level: z.enum(["debug", "info", "warn", "error"]).default("info"),
  text: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
const chunk = z.object({ text: z.string() });
const resolve = z.object({ resolution: z.string().optional() });
const history = z.object({ limit: z.int().min(1).max(1000).optional() });
const failure = z.object({ message: z.string() });

/** The most text that a turn's pieces may have in all, in bytes. */
const maxTextBytes = 1_048_576;

export interface CommandTurnOptions {
  readonly id: number;
  readonly context: AgentContext;
  /** Answers a request of the agent. */
  readonly reply: (response: object) => Promise<void>;
  readonly onGarbage: (reason: string) => void;
}

/** One turn of an agent in another process: what it says until it has answered. */
export class CommandTurn {
  readonly #options: CommandTurnOptions;
  readonly #context: AgentContext;
  /** Resolves with the first sign of an answer: the answer, or its first piece. */
  readonly #begun = Promise.withResolvers<void>();
  readonly #result = Promise.withResolvers<unknown>();
  readonly #pieces: string[] = [];
  #more = Promise.withResolvers<void>();
  #textBytes = 0;
  #isOver = false;

  constructor(options: CommandTurnOptions) {
    this.#options = options;
    const { context } = options;
    this.#context = context;
    // Whoever waits for the answer is told; nobody may, where the turn was aborted.
    this.#result.promise.catch(() => undefined);
    context.signal.addEventListener("abort", () => this.fail(context.signal.reason), { once: true });
  }

  /** Resolves when nothing more belongs to this turn. */
  get ended(): Promise<void> {
    return this.#result.promise.then(
      () => undefined,
      () => undefined,
    );
  }

  /** The answer; an async iterable of text where it comes in pieces. */
  async answer(): Promise<AgentAnswer> {
    await this.#begun.promise;
    if (this.#pieces.length > 0) return this.#stream();
    return parseAnswer(await this.#result.promise);
  }

  async *#stream(): AsyncGenerator<string> {
    for (;;) {
      for (let piece = this.#pieces.shift(); piece !== undefined; piece = this.#pieces.shift()) yield piece;
      if (this.#isOver) break;
      await this.#more.promise;
    }
    const last = parseAnswer(await this.#result.promise);
    if (typeof last === "string") {
      if (last !== "") yield last;
    } else if (last !== null && last !== undefined) {
      throw new JackfieldError(
        "AGENT_ANSWER_INVALID",
        "the agent answered with a message after text in pieces: the result that ends the pieces is text or null",
      );
    }
  }

  fail(error: unknown): void {
    this.#end(() => this.#result.reject(error));
  }

  #end(settle: () => void): void {
    this.#isOver = true;
    settle();
    this.#begun.resolve();
    this.#more.resolve();
  }

  /** Takes a message that belongs to this turn. */
  take(body: Record<string, unknown>): void {
    if (!("method" in body)) {
      this.#conclude(body);
      return;
    }
    try {
      this.#call(String(body.method), body.params, body.id);
    } catch (error) {
      // What it asked for cannot be done: its turn must not end as if it had been.
      this.fail(error);
    }
  }

  #conclude(body: Record<string, unknown>): void {
    if ("error" in body) {
      const parsed = failure.safeParse(body.error);
      const message = parsed.success ? parsed.data.message : "the agent answered with an error";
      this.fail(new JackfieldError("AGENT_FAILED", message));
    } else {
      this.#end(() => this.#result.resolve(body.result));
    }
  }

  #call(method: string, params: unknown, id: unknown): void {
    switch (method) {
      case "send": {
        const { channel, message } = this.#parse(send, params, method);
        this.#context.send(channel, message);
        return;
      }
      case "log": {
        const { level, text, fields } = this.#parse(log, params, method);
        this.#context.log[level](text, fields);
        return;
      }
      case "chunk": {
        this.#addPiece(this.#parse(chunk, params, method).text);
        return;
      }
      case "resolve":
        this.#context.thread.resolve(this.#parse(resolve, params, method).resolution);
        return;
      case "history":
        void this.#answerHistory(this.#parse(history, params, method).limit, id);
        return;
      default:
        this.#options.onGarbage(`a call of "${method.slice(0, 40)}", which there is not`);
        if (id === undefined) return;
        void this.#options.reply({
          jsonrpc: "2.0",
          id,
          error: { code: -32_601, message: "there is no such method" },
        });
    }
  }

  #addPiece(text: string): void {
    this.#textBytes += Buffer.byteLength(text);
    if (this.#textBytes > maxTextBytes) {
      throw new JackfieldError(
        "AGENT_ANSWER_INVALID",
        `the agent answered with more than ${maxTextBytes} bytes of text in pieces`,
      );
    }
    this.#pieces.push(text);
    this.#begun.resolve();
    this.#more.resolve();
    this.#more = Promise.withResolvers<void>();
  }

  async #answerHistory(limit: number | undefined, id: unknown): Promise<void> {
    const { reply, context } = this.#options;
    try {
      const result = await context.thread.history(limit);
      await reply({ jsonrpc: "2.0", id, result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await reply({ jsonrpc: "2.0", id, error: { code: -32_000, message } });
    }
  }

  #parse<Schema extends z.ZodType>(schema: Schema, params: unknown, method: string): z.output<Schema> {
    const parsed = schema.safeParse(params);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new JackfieldError(
      "AGENT_ANSWER_INVALID",
      `the agent called "${method}" with params that are not right, in turn ${this.#options.id}: ${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
}
