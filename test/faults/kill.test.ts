import { expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { formatReport } from "./format-report.ts";
import { runSweep } from "./sweep.ts";
import type { TrialReport } from "./trial.ts";

// The long run, with other seeds: docs/faults.md.
const seed = 20_261;
const timeout = 90_000;

function expectNoProblems(title: string, report: TrialReport): void {
  expect(report.problems, formatReport(`${title}, seed ${seed}`, report)).toEqual([]);
}

test("nothing is lost, and nothing sent twice but what was in flight, when processes are killed at random", {
  timeout,
}, async () => {
  const report = await runCampaign({ seed, goOn: (rounds) => rounds < 7 });

  expectNoProblems("killed at random", report);
  expect(report.accepted).toBeGreaterThan(0);
});

test("a send that is killed around any of its commits, or before it records an answer, is never lost", {
  timeout,
}, async () => {
  const report = await runSweep({ seed, points: ["before-commit", "answer-ended"] });

  expectNoProblems("send, killed at each point in turn", report);
  expect(report.duplicates.accepted).toBeGreaterThan(0);
});
