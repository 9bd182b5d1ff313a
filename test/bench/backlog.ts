import type { Benchmark, Effort } from "./benchmark.ts";
import { pinnableCores } from "./machine.ts";
import { type PinnedProcess, startPinned } from "./pinned-process.ts";
import type { Server } from "./sample.ts";
import { median } from "./statistics.ts";

const plans: Readonly<Record<Effort, { readonly waiting: number; readonly rounds: number }>> = {
  quick: { waiting: 50_000, rounds: 1 },
  full: { waiting: 1_000_000, rounds: 5 },
};

export interface BacklogQuestion {
  readonly url: string;
  readonly waiting: number;
}

export interface BacklogAnswer {
  /** From opening the file to the first deliveries in hand, in milliseconds. */
  readonly startMs: number;
  readonly deliveredPerSecond: number;
  readonly enqueueMicros: number;
  readonly rssMiB: number;
}

/** What a long queue costs: start, claiming, accepting and memory, beside a short one. */
export const backlog: Benchmark = {
  name: "backlog",
  async run(effort, progress) {
    const { waiting, rounds } = plans[effort];
    const cores = pinnableCores();
    await using server: Server = await startPinned("./server-process.ts", [], cores?.server);
    const { url } = await server.ask({});
    const answers: { short: BacklogAnswer; long: BacklogAnswer }[] = [];
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`);
      const short = await measure({ url, waiting: 20_000 }, cores?.client);
      const long = await measure({ url, waiting }, cores?.client);
      answers.push({ short, long });
    }
    const of = (which: "short" | "long", key: keyof BacklogAnswer) =>
      median(answers.map((answer) => answer[which][key]));
    const ratio = median(
      answers.map(({ short, long }) => long.deliveredPerSecond / short.deliveredPerSecond),
    );
    const flat = median(answers.map(({ short, long }) => long.enqueueMicros / short.enqueueMicros));
    return {
      title: `${waiting.toLocaleString("en")} messages waiting`,
      columns: [
        { title: "waiting" },
        { title: "start, ms", digits: 0 },
        { title: "delivered/s", digits: 0 },
        { title: "enqueue, µs a message", digits: 1 },
        { title: "memory, MiB", digits: 0 },
      ],
      rows: (["short", "long"] as const).map((which) => [
        which === "short" ? "20,000" : waiting.toLocaleString("en"),
        of(which, "startMs"),
        of(which, "deliveredPerSecond"),
        of(which, "enqueueMicros"),
        of(which, "rssMiB"),
      ]),
      goals: [
        { what: "delivered/s, of that with few waiting", bound: "at least", target: 0.9, measured: ratio },
        { what: "start, ms", bound: "at most", target: 500, measured: of("long", "startMs") },
        { what: "memory, MiB", bound: "at most", target: 200, measured: of("long", "rssMiB") },
        {
          what: "cost of an enqueue, times that with few waiting",
          bound: "at most",
          target: 1.25,
          measured: flat,
        },
      ],
      notes: [
        "The file is filled first, by SQL; a new process then opens it, starts to dispatch and is measured for 10,000 deliveries. Start is from opening the store, by a process that is warm, to the first 256 deliveries in hand. Enqueueing is measured in batches of 100, nothing dispatched.",
      ],
    };
  },
};

async function measure(question: BacklogQuestion, core: number | undefined): Promise<BacklogAnswer> {
  await using child: PinnedProcess<BacklogQuestion, BacklogAnswer> = await startPinned(
    "./backlog-process.ts",
    [],
    core,
  );
  return await child.ask(question);
}
