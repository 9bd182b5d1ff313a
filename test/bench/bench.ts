import { parseArgs } from "node:util";
import { backlog } from "./backlog.ts";
import type { Benchmark } from "./benchmark.ts";
import { directSends } from "./direct-sends.ts";
import { durableLatency } from "./durable-latency.ts";
import { durableSends } from "./durable-sends.ts";
import { inbound } from "./inbound.ts";
import { describeMachine } from "./machine.ts";
import { isMet, renderMarkdown } from "./report.ts";
import { startUp } from "./start-up.ts";

const benchmarks: readonly Benchmark[] = [
  directSends,
  durableSends,
  durableLatency,
  backlog,
  inbound,
  startUp,
];

const usage = `node test/bench/bench.ts [--quick] [--json] [NAME...]

Measures the built packages (npm run build). Names: ${benchmarks.map(({ name }) => name).join(", ")}; default: all.
  --quick   a short run, to see that it works; its numbers are not for publishing
  --json    the numbers as JSON instead of tables in Markdown`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" } },
});
const unknown = positionals.find((name) => !benchmarks.some((benchmark) => benchmark.name === name));
if (values.help) {
  console.log(usage);
} else if (unknown !== undefined) {
  console.error(`no benchmark "${unknown}"\n\n${usage}`);
  process.exitCode = 2;
} else {
  const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const results = [];
  for (const { name, run } of chosen) {
    results.push(
      await run(values.quick ? "quick" : "full", (text) => {
        console.error(`${name}: ${text}`);
      }),
    );
  }
  const machine = describeMachine();
  const measuredAt = new Date().toISOString();
  if (values.json) {
    const judged = results.map((result) => ({
      ...result,
      goals: result.goals.map((goal) => ({ ...goal, met: isMet(goal) })),
    }));
    console.log(JSON.stringify({ measuredAt, machine, results: judged }, undefined, 2));
  } else {
    console.log(
      [`Measured ${measuredAt.slice(0, 10)} on ${machine}.`, ...results.map(renderMarkdown)].join("\n\n"),
    );
  }
}
