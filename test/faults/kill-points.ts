/**
 * The chosen points at which a process can kill itself, each counted from the process's start:
 *
 * - `before-commit`, `after-commit`: on either side of the Nth COMMIT, whichever it is: the schema, an acceptance, a claim, a settlement;
 * - `request-sent`: the Nth request has left, the answer is not there;
 * - `answer-begun`, `answer-ended`: the head or the end of the Nth answer is there, its record is not.
 */
export const killPoints = [
  "before-commit",
  "after-commit",
  "request-sent",
  "answer-begun",
  "answer-ended",
] as const;
export type KillPoint = (typeof killPoints)[number];

/** The Nth time that a process passes a point. */
export interface KillAt {
  readonly point: KillPoint;
  readonly time: number;
}

/** The environment variable that the preload reads. */
export const killAtVariable = "JACKFIELD_FAULTS_KILL_AT";

export function formatKillAt({ point, time }: KillAt): string {
  return `${point}:${time}`;
}

/** @throws RangeError for what is no point and number */
export function parseKillAt(text: string): KillAt {
  const [name, count] = text.split(":", 2);
  const point = killPoints.find((candidate) => candidate === name);
  const time = Number(count);
  if (point === undefined || !Number.isInteger(time) || time < 1) {
    throw new RangeError(
      `${killAtVariable}="${text}" is no point to be killed at: write one of ${killPoints.join(", ")}, a colon and a number from 1`,
    );
  }
  return { point, time };
}
