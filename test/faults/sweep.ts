import type { KillPoint } from "./kill-points.ts";
import { Trial, type TrialReport } from "./trial.ts";

export interface SweepOptions {
  readonly seed: number;
  readonly points: readonly KillPoint[];
  readonly onLine?: (line: string) => void;
}

/** A send passes no point so often, also with the work that the killed ones before it have left. */
const mostTimes = 40;

/**
 * Kills `jackfield send` at the first time that it passes a point, at the second, and so on until one of them survives; then at
 * the next point.
 */
export async function runSweep({ seed, points, onLine }: SweepOptions): Promise<TrialReport> {
  const say = onLine ?? (() => undefined);
  await using trial = await Trial.begin(seed, say);
  for (const point of points) {
    for (let time = 1; await killSendAt(trial, point, time); time++) {
      say(`send ${point}:${time}: killed`);
      if (time === mostTimes)
        throw new RangeError(`a send passed ${point} ${mostTimes} times: what does it do there?`);
    }
  }
  return await trial.finish();
}

async function killSendAt(trial: Trial, point: KillPoint, time: number): Promise<boolean> {
  await using sender = trial.start("send", { killAt: { point, time } });
  const { killed } = await trial.buriedDispatcher(sender, point);
  return killed;
}
