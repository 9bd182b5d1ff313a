import type { Benchmark, Effort } from "./benchmark.ts";
import { createClient } from "./clients/durable-jackfield.ts";
import { pinnableCores } from "./machine.ts";
import { startPinned } from "./pinned-process.ts";
import type { Server } from "./sample.ts";
import { quantile } from "./statistics.ts";

const sends: Readonly<Record<Effort, number>> = { quick: 200, full: 2000 };

/** How long one message takes on an idle process, from `enqueue` to the receiver's answer. */
export const durableLatency: Benchmark = {
  name: "durable-latency",
  async run(effort, progress) {
    progress(`${sends[effort]} messages, one after the other`);
    await using server: Server = await startPinned("./server-process.ts", [], pinnableCores()?.server);
    const { url } = await server.ask({});
    const client = await createClient({
      url,
      connections: 1,
      content: "Is anybody there?",
      retryDelayMs: 500,
    });
    const times: number[] = [];
    for (let sent = 0; sent < sends[effort] + 100; sent++) {
      const began = performance.now();
      await client.send();
      // The first hundred warm up; a pause lets the process be idle again.
      if (sent >= 100) times.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await client.close();
    const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
    return {
      title: "Latency of a durable send on an idle process",
      columns: [{ title: "from enqueue to the answer" }, { title: "ms", digits: 2 }],
      rows: [
        ["p50", p50],
        ["p90", quantile(times, 0.9)],
        ["p99", p99],
      ],
      goals: [
        { what: "p50, ms", bound: "at most", target: 1.5, measured: p50 },
        { what: "p99, ms", bound: "at most", target: 10, measured: p99 },
      ],
      notes: [
        `${sends[effort]} messages, one at a time. Measured up to the answer's arrival at the sender, which is later than the request's arrival at the receiver: the goals are of that earlier moment.`,
      ],
    };
  },
};
