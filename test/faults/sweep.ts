import type { KillPoint } from "./kill-points.ts";
import { Trial, type TrialReport } from "./trial.ts";

export interface SweepOptions {
  readonly seed: number;
  readonly points: readonly KillPoint[];
  readonly onLine?: (line: string) => void;
}

/** A send makes fewer commits than this, also with the work that the killed ones before it have left. */
const mostCommits = 40;

/**
 * Kills `jackfield send` at its first commit, at its second, and so on until one survives; and where it talks to the receiver,
 * at the first time. The receiver takes everything, so that what is sent twice is sent twice because of a kill.
 */
export async function runSweep({ seed, points, onLine }: SweepOptions): Promise<TrialReport> {
  const say = onLine ?? (() => undefined);
  await using trial = await Trial.begin({ seed, troubleShare: 0, onProblem: say });
  for (const point of points) {
    const most = point.endsWith("-commit") ? mostCommits : 1;
    for (let time = 1; time <= most && (await killSendAt(trial, point, time)); time++) {
      say(`send ${point}:${time}: killed`);
    }
  }
  return await trial.finish();
}

async function killSendAt(trial: Trial, point: KillPoint, time: number): Promise<boolean> {
  await using sender = trial.start("send", { killAt: { point, time } });
  const { killed } = await trial.buriedDispatcher(sender, point);
  return killed;
}
