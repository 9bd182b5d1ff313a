import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark, Effort, Goal } from "./benchmark.ts";
import { median, medianRatio } from "./statistics.ts";

const runs: Readonly<Record<Effort, number>> = { quick: 7, full: 41 };
const bin = fileURLToPath(new URL("../../packages/cli/bin/jackfield.js", import.meta.url));

/** A file as small deployments have it: two channels, of two types. */
const configuration = `version = 1

[channels.webhook.ops]
sendUrl = "https://example.com/hook"
secret = "whsec_${Buffer.alloc(32, "jackfield").toString("base64")}"
maxRetries = 5

[channels.console.here]
`;

interface Command {
  readonly label: string;
  readonly args: readonly string[];
  /** The most that it may take, in times of the first command. */
  readonly atMost?: number;
}

const commands: readonly Command[] = [
  { label: "node -e 0", args: ["-e", "0"] },
  { label: "jackfield --version", args: [bin, "--version"], atMost: 1.6 },
  { label: "jackfield config check", args: [bin, "config", "check"], atMost: 3.5 },
];

/** How long the command takes from its start to its end, beside a Node that does nothing. */
export const startUp: Benchmark = {
  name: "start-up",
  async run(effort, progress) {
    const folder = mkdtempSync(join(tmpdir(), "jackfield-bench-"));
    try {
      writeFileSync(join(folder, "jackfield.toml"), configuration);
      const times: number[][] = commands.map(() => []);
      // Run 0 warms up: files come into the system's cache, compiled code into Node's.
      for (let run = 0; run <= runs[effort]; run++) {
        if (run % 10 === 0) progress(`run ${run} of ${runs[effort]}`);
        for (const [index, command] of commands.entries()) {
          const took = timeOf(command, folder);
          if (run > 0) times[index]?.push(took);
        }
      }
      const [bases = []] = times;
      const goals = commands.flatMap(({ label, atMost }, index): Goal[] => {
        const measured = medianRatio(times[index] ?? [], bases);
        return atMost === undefined
          ? []
          : [{ what: `${label}, times node -e 0`, bound: "at most", target: atMost, measured }];
      });
      return {
        title: "Start-up",
        columns: [
          { title: "command" },
          { title: "median ms", digits: 1 },
          { title: "fastest ms", digits: 1 },
          { title: "times `node -e 0`", digits: 2 },
        ],
        rows: commands.map(({ label }, index) => {
          const took = times[index] ?? [];
          return [`\`${label}\``, median(took), Math.min(...took), medianRatio(took, bases)];
        }),
        goals,
        notes: [
          `${runs[effort]} runs of each command in turns, after one that does not count; ratios are medians of the ratios within a turn.`,
          "Node's compile cache is warm, as it is from the second start of an installation on.",
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** @throws Error with what the command printed, when it fails */
function timeOf({ label, args }: Command, folder: string): number {
  const { JACKFIELD_CONFIG: _, ...env } = process.env;
  const began = performance.now();
  const { status, stderr, error } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
  const took = performance.now() - began;
  if (status !== 0) {
    throw new Error(
      `${label} ended with ${status ?? error?.message}: build first (npm run build); it said: ${stderr}`,
    );
  }
  return took;
}
