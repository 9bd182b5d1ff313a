import type { DatabaseSync } from "node:sqlite";
import type { GroupCommit } from "./group-commit.ts";
import type { ChannelNumbers } from "./outbox/channel-numbers.ts";
import type { SteadyTime } from "./steady-time.ts";
import type { ThreadNumbers } from "./threads/thread-numbers.ts";
import type { WorkSignal } from "./work-signal.ts";

/** What the outbox, the inbox and the threads of one file share. */
export interface StoreParts {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly commit: GroupCommit;
  readonly channels: ChannelNumbers;
  readonly threads: ThreadNumbers;
  readonly time: SteadyTime;
  readonly signal: WorkSignal;
}
