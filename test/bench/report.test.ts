import { expect, test } from "vitest";
import type { Goal } from "./benchmark.ts";
import { isMet, renderMarkdown } from "./report.ts";

test("a result is Markdown: a heading, its table, its goals, its notes", () => {
  const markdown = renderMarkdown({
    title: "Speed",
    columns: [{ title: "client" }, { title: "sends/s", digits: 0 }, { title: "ratio", digits: 2 }],
    rows: [
      ["ours", 12_345.6, 0.8],
      ["another", 900, undefined],
    ],
    goals: [{ what: "ours", bound: "at least", target: 0.9, measured: 0.8 }],
    notes: ["measured by hand"],
  });
  expect(markdown).toBe(`## Speed

| client  | sends/s | ratio |
| ------- | ------: | ----: |
| ours    |  12,346 |  0.80 |
| another |     900 |       |

| goal | to reach      | measured |             |
| ---- | ------------- | -------: | ----------- |
| ours | at least 0.90 |     0.80 | **not met** |

- measured by hand`);
});

test("a goal is met at its target, and missed on the wrong side of it", () => {
  const goal = (bound: Goal["bound"], measured: number): Goal => ({ what: "x", bound, target: 2, measured });
  const met = [goal("at least", 2), goal("at least", 1.99), goal("at most", 2), goal("at most", 2.01)].map(
    isMet,
  );
  expect(met).toEqual([true, false, true, false]);
});
