import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** No question of a benchmark takes longer to answer; what does has hung. */
const answerTimeoutMs = 60_000;

/** A Node process on a core of its own, which answers one question at a time. */
export interface PinnedProcess<Question, Answer> extends AsyncDisposable {
  /** @throws Error when the process fails, ends or does not answer within a minute */
  ask(question: Question): Promise<Answer>;
}

/**
 * Starts a module of this folder in a process of its own.
 *
 * @param core the number of the core, or undefined where processes cannot be pinned
 */
export async function startPinned<Question extends object, Answer>(
  module: string,
  args: readonly string[],
  core: number | undefined,
): Promise<PinnedProcess<Question, Answer>> {
  const file = fileURLToPath(new URL(module, import.meta.url));
  const command = [process.execPath, ...process.execArgv, file, ...args];
  const [program = process.execPath, ...rest] =
    core === undefined ? command : ["taskset", "-c", String(core), ...command];
  const child = spawn(program, rest, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const name = [module, ...args].join(" ");
  await answerOf(child, name);
  return {
    ask(question) {
      const answer = answerOf(child, name);
      child.send(question);
      return answer as Promise<Answer>;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess, name: string): Promise<unknown> {
  const answered = new AbortController();
  const { signal } = answered;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message),
      once(child, "exit", { signal }).then(([code, killed]) => {
        throw new Error(`${name} ended with ${killed ?? `exit code ${code}`}: its error stands above`);
      }),
      once(AbortSignal.timeout(answerTimeoutMs), "abort", { signal }).then(() => {
        throw new Error(`${name} did not answer within ${answerTimeoutMs / 1000} s`);
      }),
    ]);
  } finally {
    answered.abort();
  }
}

/** The other side of {@link startPinned}: says that it is ready, then answers each question. */
export function answerQuestions<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  const { send } = process;
  if (!send) throw new Error("this file is started by the benchmark, not by hand: npm run bench");
  const reply = send.bind(process);
  process.on("message", async (question) => {
    reply(await answer(question as Question));
  });
  reply({ ready: true });
}
