import { setTimeout as sleep } from "node:timers/promises";
import { createSeededRandom } from "@jackfield/testkit";
import { type KillAt, killPoints } from "./kill-points.ts";
import { type Role, Trial, type TrialReport } from "./trial.ts";

export interface CampaignOptions {
  readonly seed: number;
  /** Asked before each round. */
  readonly goOn: (rounds: number) => boolean;
  readonly onLine?: (line: string) => void;
}

/** What is started in a round, and how often of a hundred times. */
const roles: readonly (readonly [share: number, role: Role, sends: boolean])[] = [
  [45, "enqueue", false],
  [20, "run-until-idle", false],
  [20, "run", true],
  [15, "send", false],
];

/**
 * Runs the real command and a program of the library over one store, one after the other, kills them at random and at chosen
 * points, lets the last one finish, and judges. The seed decides what is started, where it is killed and how the receiver
 * answers; how far a process has come when it is killed at random is up to the machine.
 */
export async function runCampaign({ seed, goOn, onLine }: CampaignOptions): Promise<TrialReport> {
  const random = createSeededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const say = onLine ?? (() => undefined);
  await using trial = await Trial.begin({ seed, troubleShare: 0.28, onProblem: say });
  for (let rounds = 0; goOn(rounds); rounds++) say(await playRound(trial, below));
  return await trial.finish();
}

type Below = (limit: number) => number;

/** @returns the round in one line */
async function playRound(trial: Trial, below: Below): Promise<string> {
  const [role, sends] = chooseRole(below(100));
  const killAt = !sends && below(2) === 0 ? chooseKillAt(below) : undefined;
  await using child = trial.start(role, { killAt, count: 50 + below(250), thread: "sent" });
  if (!killAt) {
    // A quarter dies while it starts; the others some time after they have begun to work.
    const isEarly = !sends && below(4) === 0;
    if (!isEarly) await trial.atWork(child);
    if (sends) await sendBeside(trial, below);
    await sleep(below(isEarly ? 700 : 500));
    child.signal("SIGKILL");
  }
  const { killed, inFlight } = await trial.buriedDispatcher(child, killAt?.point);
  const where = killAt ? `${killAt.point}:${killAt.time}` : "random";
  return `${child.life} ${role} ${where}: ${killed ? "killed" : "ended"}, ${inFlight} in flight`;
}

function chooseRole(percent: number): readonly [Role, boolean] {
  let sum = 0;
  for (const [share, role, sends] of roles) {
    sum += share;
    if (percent < sum) return [role, sends];
  }
  throw new RangeError(`the shares of the roles add up to ${sum}, and ${percent} is beyond them`);
}

function chooseKillAt(below: Below): KillAt {
  const point = killPoints[below(killPoints.length)] ?? "before-commit";
  return { point, time: 1 + below(below(3) === 0 ? 60 : 12) };
}

/** `jackfield send`, some of them killed, while another process dispatches. */
async function sendBeside(trial: Trial, below: Below): Promise<void> {
  for (let left = 1 + below(3); left > 0; left--) {
    await using sender = trial.start("send", { thread: "sent" });
    if (below(3) > 0) {
      await Promise.race([sleep(100 + below(900)), sender.ended]);
      sender.signal("SIGKILL");
    }
    await trial.buried(sender);
  }
}
