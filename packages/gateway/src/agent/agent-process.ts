import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type Clock, JackfieldError, startTimer } from "@jackfield/core";
import type { AgentEvent } from "./agent-event.ts";
import { LineLimit } from "./line-limit.ts";
import { readLines } from "./line-reader.ts";

/** The longest line on stdout, in bytes: an answer. */
const maxLineBytes = 1_048_576;
/** The longest line of stderr that is passed on, in bytes. */
const maxStderrBytes = 8192;
/** How many lines of stderr are passed on in a second. */
const stderrPerSecond = 200;
/** How long a process is given to end, first after the end of its stdin, then after SIGTERM, in milliseconds. */
const endWaitMs = 2000;
/** How long an ended process's output is still read, in milliseconds: a process that it has left behind may hold it open for ever. */
const readOutMs = 500;

export interface AgentProcessOptions {
  readonly command: readonly string[];
  readonly directory: string;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly clock: Clock;
  readonly onEvent: (event: AgentEvent) => void;
  /** Told of each line on stdout. */
  readonly onLine: (line: string) => void;
}

/** One life of an agent's program: lines go in, lines come out, and it ends. */
export class AgentProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #clock: Clock;
  readonly #exited = Promise.withResolvers<string>();
  /** Resolves with how it ended, when everything it wrote has been read. */
  readonly ended: Promise<string>;
  #room: Promise<void> | undefined;

  /** @throws JackfieldError `AGENT_INVALID` for a program that cannot be started */
  static async start(options: AgentProcessOptions): Promise<AgentProcess> {
    const [program = "", ...args] = options.command;
    const { directory, env, onEvent } = options;
    try {
      const child = spawn(program, args, {
        cwd: directory,
        env: { ...process.env, ...env },
        stdio: ["pipe", "pipe", "pipe"],
      });
      await once(child, "spawn");
      onEvent({ type: "agent_started", pid: child.pid ?? 0 });
      return new AgentProcess(child, options);
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "it failed";
      throw new JackfieldError(
        "AGENT_INVALID",
        `the agent's command "${program}" cannot be started (${code}): check agent.command, and that the program is installed`,
        { cause },
      );
    }
  }

  private constructor(
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    { clock, onEvent, onLine }: AgentProcessOptions,
  ) {
    this.#child = child;
    this.#clock = clock;
    const stderr = new LineLimit({
      clock,
      linesPerSecond: stderrPerSecond,
      onLine: (line) => onEvent({ type: "agent_stderr", line }),
      onDropped: (lines) => onEvent({ type: "agent_stderr_dropped", lines }),
    });
    readLines(child.stderr, maxStderrBytes, {
      onLine: (line) => stderr.line(line),
      onTooLong: (line) => stderr.line(`${line}…`),
    });
    readLines(child.stdout, maxLineBytes, {
      onLine,
      onTooLong: () => {
        onEvent({ type: "agent_garbage", reason: `a line of more than ${maxLineBytes} bytes` });
        child.kill("SIGKILL");
      },
    });
    // Who has died does not read any more, and cannot be sent a signal; its end is told by its exit.
    child.stdin.on("error", () => undefined);
    child.on("error", () => undefined);
    this.ended = this.#end().finally(() => stderr.end());
  }

  async #end(): Promise<string> {
    const child = this.#child;
    const closed = Promise.withResolvers<void>();
    child.once("close", () => closed.resolve());
    child.once("exit", (code, signal) => this.#exited.resolve(signal ?? `exit code ${code}`));
    const how = await this.#exited.promise;
    await this.#within(readOutMs, closed.promise);
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
    return how;
  }

  /** What has to be waited for before more is written; absent where the process reads as fast as we write. */
  get room(): Promise<void> | undefined {
    const { stdin } = this.#child;
    if (this.#room || stdin.destroyed || !stdin.writableNeedDrain) return this.#room;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => {
      stdin.off("drain", done).off("close", done);
      this.#room = undefined;
      resolve();
    };
    stdin.on("drain", done).on("close", done);
    this.#room = promise;
    return promise;
  }

  /** Writes one line, whether there is room or not. One for a process that has ended is nobody's. */
  write(message: object): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** Ends it: by the end of its stdin, by SIGTERM, by SIGKILL. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      if (await this.#within(endWaitMs, this.#exited.promise)) break;
      this.#child.kill(signal);
    }
    await this.ended;
  }

  /** Whether something happens within a time. */
  async #within(ms: number, work: Promise<unknown>): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const stopTimer = startTimer(this.#clock, ms, () => resolve(false));
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      stopTimer();
    }
  }
}
