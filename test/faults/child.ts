import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type FaultDeployment, lifeVariable } from "./deployment.ts";
import { formatKillAt, type KillAt, killAtVariable } from "./kill-points.ts";

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const command = pathOf("../../packages/cli/src/bin.ts");
const enqueuing = pathOf("enqueue-process.ts");
const dispatching = pathOf("dispatch-process.ts");
const preload = new URL("kill-at.ts", import.meta.url).href;

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that the harness started, and may kill. */
export interface Child extends AsyncDisposable {
  /** Its number, which its requests carry. */
  readonly life: number;
  /** When it was started, in monotonic milliseconds. */
  readonly startedAt: number;
  /** Lines of stdout so far; complete once it has ended. */
  readonly out: readonly string[];
  /** Lines of stderr so far; complete once it has ended. */
  readonly err: readonly string[];
  /** Resolves when it has ended and everything that it said has been read. */
  readonly ended: Promise<Ending>;
  /** Resolves when a line of stderr contains the text, or when it has ended. */
  said(text: string): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

export interface ChildOptions {
  readonly deployment: FaultDeployment;
  readonly life: number;
  /** Where it kills itself; absent for never. */
  readonly killAt?: KillAt;
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the real command from its sources, with the deployment's configuration. */
export function startJackfield(args: readonly string[], options: ChildOptions): Child {
  return start([command, ...args, "-c", options.deployment.configFile], options);
}

/** Starts a program that uses the library: it accepts `count` messages while it dispatches, then drains and ends. */
export function startEnqueuing(
  { count, firstNumber }: { readonly count: number; readonly firstNumber: number },
  options: ChildOptions,
): Child {
  const { configFile, storeFile } = options.deployment;
  return start([enqueuing, configFile, storeFile, String(count), String(firstNumber)], options);
}

/** Starts a dispatcher with other times than the command's 30 s and 10 s. */
export function startDispatching(
  { leaseMs = 30_000, drainTimeoutMs = 10_000 }: { leaseMs?: number; drainTimeoutMs?: number },
  options: ChildOptions,
): Child {
  const { configFile, storeFile } = options.deployment;
  return start([dispatching, configFile, storeFile, String(leaseMs), String(drainTimeoutMs)], options);
}

function start(args: readonly string[], { life, killAt, env }: ChildOptions): Child {
  const startedAt = performance.now();
  const flags = ["--conditions=@jackfield/source", ...(killAt ? ["--import", preload] : [])];
  const child = spawn(process.execPath, [...flags, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      [lifeVariable]: String(life),
      ...env,
      ...(killAt ? { [killAtVariable]: formatKillAt(killAt) } : {}),
    },
  });
  const [out, err]: [string[], string[]] = [[], []];
  const spoken = new EventTarget();
  createInterface({ input: child.stdout }).on("line", (line) => out.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => {
    err.push(line);
    spoken.dispatchEvent(new Event("line"));
  });
  const ended = once(child, "close").then(([code, signal]): Ending => {
    spoken.dispatchEvent(new Event("line"));
    return { code, signal };
  });
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  return {
    life,
    startedAt,
    out,
    err,
    ended,
    async said(text) {
      while (!isOver() && !err.some((line) => line.includes(text))) await once(spoken, "line");
    },
    signal: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!isOver()) child.kill("SIGKILL");
      await ended;
    },
  };
}
