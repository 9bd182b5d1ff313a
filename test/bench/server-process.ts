import { type Counts, createCountingServer } from "./counting-server.ts";
import { answerQuestions } from "./pinned-process.ts";

/** What the server has to say of itself. */
export interface ServerReport extends Counts {
  readonly url: string;
  /** CPU time of its process since it was started, in milliseconds. */
  readonly cpuMs: number;
}

const server = await createCountingServer();
answerQuestions<unknown, ServerReport>(async () => {
  const { user, system } = process.cpuUsage();
  return { url: server.url, ...server.counts(), cpuMs: (user + system) / 1000 };
});
