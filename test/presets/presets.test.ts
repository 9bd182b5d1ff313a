import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "@jackfield/config";
import {
  classifyStatus,
  createRetryPolicy,
  decide,
  type FailureKind,
  type RetryPolicy,
} from "@jackfield/core";
import { channelTypes } from "jackfield";
import { beforeAll, describe, expect, test } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../docs/presets.md"), "utf8");
const blocks = [...page.matchAll(/```toml\n(.*?)```/gs)].map((match) => match[1] ?? "");

/** The retry policy of the block whose channel has this name, read as any configuration is. */
async function policyOf(alias: string): Promise<RetryPolicy> {
  const text = blocks.find((block) => block.includes(`[channels.webhook.${alias}]`)) ?? "";
  const readFile = async () => Buffer.from(text);
  const { deployment } = await loadConfig({ path: "jackfield.toml", types: channelTypes, env: {}, readFile });
  const config = deployment.channels.find((channel) => channel.alias === alias)?.config ?? {};
  return createRetryPolicy(
    Object.fromEntries(Object.entries(config).filter(([key]) => /^(retry|pause|maxRetries)/.test(key))),
  );
}

/** What follows, from the first failure to the last: waits in milliseconds, then how it ends. */
function course(policy: RetryPolicy, failure: number | FailureKind): (number | string)[] {
  const status = typeof failure === "number" ? failure : undefined;
  const kind = typeof failure === "number" ? classifyStatus(failure) : failure;
  if (kind === "delivered") throw new TypeError(`${failure} is no failure`);
  const described = { kind, ambiguous: false, ...(status === undefined ? {} : { status }) };
  const steps: (number | string)[] = [];
  for (let attempt = 1; ; attempt++) {
    const decision = decide(policy, described, attempt, () => 0.5);
    steps.push(decision.action === "retry" ? decision.delayMs : decision.action);
    if (decision.action !== "retry") return steps;
  }
}

interface Preset {
  readonly alias: string;
  readonly waits: readonly number[];
  readonly again: readonly (number | FailureKind)[];
  readonly final: readonly (number | FailureKind)[];
  readonly paused: readonly number[];
}

const presets: readonly Preset[] = [
  {
    alias: "four",
    waits: [500, 1000, 2000],
    again: [429, 500, 502, 503, 599, "timeout", "network"],
    final: [301, 400, 401, 403, 404, 408, 410, 425],
    paused: [],
  },
  {
    alias: "three",
    waits: [500, 1000],
    again: [429, 500, 502, 503],
    final: [400, 401, 404, 408, 501, 504, 599, "timeout", "network", "unknown"],
    paused: [],
  },
  {
    alias: "patient",
    waits: [5, 10, 20, 40, 80, 160, ...Array.from({ length: 14 }, () => 300)].map(
      (seconds) => seconds * 1000,
    ),
    again: [408, 429],
    final: [400, 404, 410, 425],
    paused: [401, 402, 403],
  },
];

describe.each(presets)("the preset $alias", ({ alias, waits, again, final, paused }) => {
  let policy: RetryPolicy;
  beforeAll(async () => {
    policy = await policyOf(alias);
  });

  test.each([...again])("tries again after %s, and waits as the page says", (failure) => {
    expect(course(policy, failure)).toEqual([...waits, "give_up"]);
  });

  test.each([...final])("gives up at once after %s", (failure) => {
    expect(course(policy, failure)).toEqual(["give_up"]);
  });

  test.each([...paused])("pauses after %s", (failure) => {
    expect(course(policy, failure)).toEqual(["pause"]);
  });
});
