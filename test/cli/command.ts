import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { main } from "../../packages/cli/src/main.ts";

const bin = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
// Shared by all the processes of a test run: each is a start from nothing otherwise.
const compileCache = join(tmpdir(), "jackfield-test-compile-cache");

/** What a run of the command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface CallOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves once stdout or stderr have shown a text. */
  shows(text: string): Promise<void>;
  readonly ended: Promise<Ended>;
  /** The first URL that it has printed. */
  url(): Promise<string>;
}

/** A folder of its own, with the command `jackfield` in it. */
export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  write(text: string, name?: string): Promise<void>;
  read(name: string): Promise<string>;
  start(args: readonly string[], options?: CallOptions): Running;
  /** Runs the command to its end. The arguments are a list, or a line that is split at its spaces. */
  jackfield(args: string | readonly string[], options?: CallOptions): Promise<Ended>;
  /** The same in this process, for what needs no process of its own: a fraction of the time, one call after the other. */
  call(args: string | readonly string[], options?: Pick<CallOptions, "env">): Promise<Ended>;
}

/** Makes a workspace; with `toml`, its jackfield.toml. */
export async function createWorkspace(toml?: string): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), "jackfield-cli-"));
  const running = new Set<ChildProcess>();
  const write = (text: string, name = "jackfield.toml") => writeFile(join(folder, name), text);
  if (toml !== undefined) await write(toml);

  function start(args: readonly string[], { stdin, env = {} }: CallOptions = {}): Running {
    const child = spawn(process.execPath, ["--conditions=@jackfield/source", bin, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...env },
    });
    running.add(child);
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      err += text;
    });
    // The command may have ended without reading it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin ?? "");
    const ended = once(child, "close").then(([code]): Ended => {
      running.delete(child);
      return { code, out, err };
    });
    async function shows(text: string): Promise<void> {
      while (!`${out}\n${err}`.includes(text)) {
        const end = await Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
        if ("code" in end && !`${out}\n${err}`.includes(text)) {
          throw new Error(`it ended without showing "${text}":\n${out}\n${err}`);
        }
      }
    }
    async function url(): Promise<string> {
      await shows("http://");
      return /http:\S+/.exec(`${out}\n${err}`)?.[0] ?? "";
    }
    return { child, shows, ended, url };
  }

  return {
    folder,
    write,
    read: (name) => readFile(join(folder, name), "utf8"),
    start,
    jackfield: (args, options) => start(listOf(args), options).ended,
    call: (args, { env = {} } = {}) =>
      callHere(listOf(args), { JACKFIELD_CONFIG: join(folder, "jackfield.toml"), ...env }),
    async [Symbol.asyncDispose]() {
      for (const child of running) child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function listOf(args: string | readonly string[]): readonly string[] {
  return typeof args === "string" ? args.split(" ") : args;
}

async function callHere(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  let out = "";
  let err = "";
  try {
    const code = await main(args, {
      out: (text) => {
        out += `${text}\n`;
      },
      err: (text) => {
        err += `${text}\n`;
      },
      style: (_format, text) => text,
      styleOut: (_format, text) => text,
    });
    return { code, out, err };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** One webhook channel `webhook.ops`, with quick retries unless `more` says otherwise. */
export function opsChannel(url: string, more = ""): string {
  return `version = 1
[channels.webhook.ops]
sendUrl = "${url}"
allowHosts = ["127.0.0.1"]
retryBaseDelayMs = 20
${more}
`;
}
