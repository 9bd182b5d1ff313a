import type { Benchmark, BenchmarkResult, Effort, Goal } from "./benchmark.ts";
import type { ClientTarget } from "./clients/client.ts";
import { type Contender, type ContenderName, contenders } from "./contenders.ts";
import { pinnableCores } from "./machine.ts";
import { startPinned } from "./pinned-process.ts";
import { type ClientProcess, content, type Plan, type Sample, type Server, takeSample } from "./sample.ts";
import { median, medianRatio, quantile, ratios } from "./statistics.ts";

const connections = 64;

// Many short rounds rather than few long ones: what else runs on the machine changes from second to second, and neighbours
// in a round are to meet the same of it.
const plans: Readonly<Record<Effort, Plan>> = {
  quick: { rounds: 5, firstWarmUpMs: 500, warmUpMs: 50, measureMs: 150, maxSends: 200_000 },
  full: { rounds: 45, firstWarmUpMs: 2000, warmUpMs: 50, measureMs: 200, maxSends: 200_000 },
};

type Samples = ReadonlyMap<ContenderName, readonly Sample[]>;

/** Sends per second of one process on one core, beside other clients with retries, in turns. */
export const directSends: Benchmark = {
  name: "direct-sends",
  async run(effort, progress) {
    const plan = plans[effort];
    const cores = pinnableCores();
    await using processes = new AsyncDisposableStack();
    const server: Server = processes.use(await startPinned("./server-process.ts", [], cores?.server));
    const { url } = await server.ask({});
    const target: ClientTarget = { url, connections, content, retryDelayMs: 500 };
    const clients: { name: ContenderName; client: ClientProcess }[] = [];
    for (const { name } of contenders) {
      const args = [`./clients/${name}.ts`, JSON.stringify(target)];
      clients.push({
        name,
        client: processes.use(await startPinned("./client-process.ts", args, cores?.client)),
      });
    }
    const samples = new Map<ContenderName, Sample[]>(contenders.map(({ name }) => [name, []]));
    progress("warm-up");
    for (const { name, client } of clients) {
      await takeSample(name, client, server, target, { ...plan, warmUpMs: plan.firstWarmUpMs });
    }
    for (let round = 1; round <= plan.rounds; round++) {
      if (round % 5 === 0) progress(`round ${round} of ${plan.rounds}`);
      for (const { name, client } of clients) {
        samples.get(name)?.push(await takeSample(name, client, server, target, plan));
      }
    }
    return resultOf(samples, plan, cores !== undefined);
  },
};

function resultOf(samples: Samples, plan: Plan, pinned: boolean): BenchmarkResult {
  const rates = (name: ContenderName) => valuesOf(samples, name, "perCoreSecond");
  const ratio = (name: ContenderName, base: ContenderName) => medianRatio(rates(name), rates(base));
  return {
    title: "Direct sends on one core",
    columns: [
      { title: "client" },
      { title: "sends per core second", digits: 0 },
      { title: "of undici alone", digits: 2 },
      { title: "lower quartile", digits: 2 },
      { title: "upper quartile", digits: 2 },
      { title: "Jackfield is faster by", digits: 2 },
      { title: "sends/s by the clock", digits: 0 },
      { title: "of undici alone, by the clock", digits: 2 },
      { title: "client busy %", digits: 0 },
      { title: "server busy %", digits: 0 },
    ],
    rows: contenders.map(({ name, label, role }: Contender & { name: ContenderName }) => {
      const ofYardstick = ratios(rates(name), rates("undici-request"));
      return [
        label,
        median(rates(name)),
        median(ofYardstick),
        quantile(ofYardstick, 0.25),
        quantile(ofYardstick, 0.75),
        role === "ours" || role === "bound" ? undefined : ratio("jackfield", name),
        median(valuesOf(samples, name, "perSecond")),
        medianRatio(valuesOf(samples, name, "perSecond"), valuesOf(samples, "undici-request", "perSecond")),
        100 * median(valuesOf(samples, name, "clientBusy")),
        100 * median(valuesOf(samples, name, "serverBusy")),
      ];
    }),
    goals: goalsOf(ratio),
    notes: [
      `${plan.rounds} rounds in turns (A B C, A B C, ...), each of ${plan.measureMs} ms after ${plan.warmUpMs} ms that do not count, and ${plan.firstWarmUpMs / 1000} s of warm-up before the first; rates are medians, ratios are medians of the ratios within a round.`,
      `Every client is a process of its own with ${connections} connections and ${connections} sends under way; each sends the same ${Buffer.byteLength(JSON.stringify({ content }))} bytes and reads the answer, 200 with a small JSON body, whole. The server's counts agree with the clients' in every round.`,
      "A core second is a second of CPU time of the client's process. The goals are judged by sends per core second, which does not count the time that other programs have the core; the ratios by the clock stand beside them, and on a quiet machine with busy clients the two agree.",
      ...crowdingOf(samples),
      pinned
        ? "The clients are pinned to one core, the server to another."
        : "Processes could not be pinned to cores here (that takes Linux, taskset and two cores): read the ratios with care.",
    ],
  };
}

/** Numbers that were taken on a busy machine have to say so. */
function crowdingOf(samples: Samples): string[] {
  const busy = Math.round(100 * median(valuesOf(samples, "undici-request", "clientBusy")));
  return busy >= 90
    ? []
    : [
        `**The machine was not quiet:** undici alone had only ${busy} % of its core. Shared caches and waiting move the ratios either way; measure again.`,
      ];
}

function valuesOf(samples: Samples, name: ContenderName, key: keyof Sample): number[] {
  return (samples.get(name) ?? []).map((sample) => sample[key]);
}

function goalsOf(ratio: (name: ContenderName, base: ContenderName) => number): Goal[] {
  const shares: [ContenderName, string, number][] = [
    ["jackfield", "unsigned, of undici alone", 0.8],
    ["jackfield-v1", "signed v1, of undici alone", 0.65],
  ];
  const others: readonly (Contender & { name: ContenderName })[] = contenders;
  return [
    ...shares.map(
      ([name, what, target]): Goal => ({
        what,
        bound: "at least",
        target,
        measured: ratio(name, "undici-request"),
      }),
    ),
    ...others
      .filter(({ role }) => role === "client" || role === "fetch client")
      .map(
        ({ name, label, role }): Goal => ({
          what: `unsigned, times ${label}`,
          bound: "at least",
          target: role === "fetch client" ? 5 : 1.8,
          measured: ratio("jackfield", name),
        }),
      ),
  ];
}
