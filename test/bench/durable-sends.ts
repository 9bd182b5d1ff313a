import type { Benchmark, BenchmarkResult, Effort, Goal } from "./benchmark.ts";
import type { ClientTarget } from "./clients/client.ts";
import { pinnableCores } from "./machine.ts";
import { startPinned } from "./pinned-process.ts";
import { startPostgres } from "./postgres.ts";
import { type ClientProcess, content, type Plan, type Sample, type Server, takeSample } from "./sample.ts";
import { median, medianRatio, ratios } from "./statistics.ts";

const connections = 256;
/** More messages are accepted than are under way, as in life; the queues are given the same. */
const underWay = 1024;

const plans: Readonly<Record<Effort, Plan>> = {
  quick: { rounds: 3, firstWarmUpMs: 1000, warmUpMs: 200, measureMs: 400, maxSends: 200_000 },
  full: { rounds: 15, firstWarmUpMs: 3000, warmUpMs: 300, measureMs: 1000, maxSends: 200_000 },
};

const yardstick = "undici-request";
const ours = "durable-jackfield";

interface Contender {
  readonly name: string;
  readonly label: string;
}

/** Messages accepted to disk and delivered, per second, beside undici alone and beside two queues. */
export const durableSends: Benchmark = {
  name: "durable-sends",
  async run(effort, progress) {
    const plan = plans[effort];
    const cores = pinnableCores();
    await using processes = new AsyncDisposableStack();
    const postgres = processes.use(await startPostgres());
    process.env.BENCH_POSTGRES_URL = postgres.url;
    const contenders: Contender[] = [
      { name: yardstick, label: "undici `request` alone, nothing kept" },
      { name: ours, label: "**Jackfield, SQLite with fsync**" },
      { name: "durable-pg-boss", label: "pg-boss with undici, PostgreSQL" },
      ...(process.env.REDIS_URL ? [{ name: "durable-bullmq", label: "BullMQ with undici, Redis" }] : []),
    ];
    const server: Server = processes.use(await startPinned("./server-process.ts", [], cores?.server));
    const { url } = await server.ask({});
    const target: ClientTarget = { url, connections, underWay, content, retryDelayMs: 500 };
    const clients: { contender: Contender; client: ClientProcess; samples: Sample[] }[] = [];
    for (const contender of contenders) {
      const args = [`./clients/${contender.name}.ts`, JSON.stringify(target)];
      const client: ClientProcess = processes.use(
        await startPinned("./client-process.ts", args, cores?.client),
      );
      clients.push({ contender, client, samples: [] });
    }
    progress("warm-up");
    for (const { contender, client } of clients) {
      await takeSample(contender.name, client, server, target, { ...plan, warmUpMs: plan.firstWarmUpMs });
    }
    for (let round = 1; round <= plan.rounds; round++) {
      progress(`round ${round} of ${plan.rounds}`);
      for (const { contender, client, samples } of clients) {
        samples.push(await takeSample(contender.name, client, server, target, plan));
      }
    }
    return resultOf(clients, plan);
  },
};

function resultOf(
  clients: readonly { readonly contender: Contender; readonly samples: readonly Sample[] }[],
  plan: Plan,
): BenchmarkResult {
  const rates = (name: string, key: keyof Sample = "perSecond") =>
    (clients.find(({ contender }) => contender.name === name)?.samples ?? []).map((sample) => sample[key]);
  const queues = clients.filter(({ contender }) => contender.name !== yardstick && contender.name !== ours);
  const better = queues.sort((a, b) => median(rates(b.contender.name)) - median(rates(a.contender.name)))[0];
  const goals: Goal[] = [
    {
      what: "by the clock, of undici alone",
      bound: "at least",
      target: 0.4,
      measured: medianRatio(rates(ours), rates(yardstick)),
    },
    ...(better
      ? [
          {
            what: `by the clock, times ${better.contender.label}`,
            bound: "at least" as const,
            target: 4,
            measured: medianRatio(rates(ours), rates(better.contender.name)),
          },
        ]
      : []),
    {
      what: "messages a second, where undici alone makes 50,000",
      bound: "at least",
      target: 20_000,
      measured: median(rates(ours)),
    },
  ];
  return {
    title: "Durable sends on one core",
    columns: [
      { title: "what" },
      { title: "delivered/s by the clock", digits: 0 },
      { title: "of undici alone", digits: 2 },
      { title: "delivered per core second", digits: 0 },
      { title: "of undici alone, per core second", digits: 2 },
      { title: "client busy %", digits: 0 },
      { title: "server busy %", digits: 0 },
    ],
    rows: clients.map(({ contender: { name, label } }) => [
      label,
      median(rates(name)),
      median(ratios(rates(name), rates(yardstick))),
      median(rates(name, "perCoreSecond")),
      median(ratios(rates(name, "perCoreSecond"), rates(yardstick, "perCoreSecond"))),
      100 * median(rates(name, "clientBusy")),
      100 * median(rates(name, "serverBusy")),
    ]),
    goals,
    notes: [
      `${plan.rounds} rounds in turns, each of ${plan.measureMs} ms after ${plan.warmUpMs} ms that do not count. ${connections} connections, ${underWay} messages accepted and not yet delivered at any time.`,
      "Each message is accepted to disk (for Jackfield: in a transaction with fsync before its promise resolves), sent, and its outcome recorded. The client's process is pinned to one core; PostgreSQL's own processes are not, and their CPU time is not in the core seconds.",
      "pg-boss: jobs are inserted one by one as they come, fetched in a tight loop a hundred at a time and completed in batches, with 20 connections to the database.",
    ],
  };
}
