import { createReceiver, status } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { createWorkspace, opsChannel, type Workspace } from "./command.ts";

async function send(workspace: Workspace, text: string, ...options: string[]): Promise<string> {
  const { out } = await workspace.call(["send", "webhook.ops", text, ...options]);
  return out.trim();
}

async function statesOf(workspace: Workspace): Promise<Record<string, string>> {
  const { out } = await workspace.call("deliveries list --json");
  const { deliveries } = JSON.parse(out) as { deliveries: { id: string; state: string }[] };
  return Object.fromEntries(deliveries.map(({ id, state }) => [id, state]));
}

describe("jackfield deliveries", () => {
  test("show tells the story of a delivery, and redeliver continues the same one", async () => {
    await using receiver = await createReceiver({ script: [status(410)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const id = await send(workspace, "Disk is full", "--to", "night shift", "--thread", "disks");

    const dead = await workspace.call(`deliveries show ${id}`);
    const redelivered = await workspace.call("deliveries redeliver --state dead --channel webhook.ops");
    const ran = await workspace.call("run --until-idle");
    const shown = await workspace.call(`deliveries show ${id} --json`);

    expect(dead.out).toContain(`${id}  dead\n`);
    expect(dead.out).toContain("for webhook.ops, to night shift, in thread disks\n  Disk is full\n");
    expect(dead.out).toMatch(/attempt 1 {2}rejected {2}410/);
    expect(dead.out).toContain(`"jackfield deliveries redeliver ${id}" tries again`);
    expect(redelivered).toMatchObject({ code: 0, out: "redelivered 1\n" });
    expect(redelivered.err).toBe('"jackfield run" sends what is due; none is running\n');
    expect(ran.err).toContain(`${id} webhook.ops  attempt 2  delivered  200`);
    expect(JSON.parse(shown.out)).toMatchObject({
      id,
      state: "delivered",
      attempts: [{ status: 410 }, { status: 200 }],
    });
    expect(new Set(receiver.requests.map(({ headers }) => headers["idempotency-key"]))).toEqual(
      new Set([id]),
    );
  });

  test("a delivered one is redelivered by force only", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const id = await send(workspace, "Hello");

    const refused = await workspace.call(`deliveries redeliver ${id}`);
    const forced = await workspace.call(`deliveries redeliver ${id} --force`);

    expect(refused).toMatchObject({ code: 1, out: "redelivered 0\n" });
    expect(refused.err).toContain(`${id} was left alone: it is delivered\n--force redelivers also`);
    expect(forced).toMatchObject({ code: 0, out: "redelivered 1\n" });
  });

  test("a refused credential pauses; three suspend the channel, and each answer says what lets it go on", async () => {
    await using receiver = await createReceiver({ script: [status(401), status(401), status(401)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url, "maxConcurrency = 1"));
    const run = workspace.start(["run"]);
    await run.shows("dispatching");
    const ids = [await send(workspace, "1"), await send(workspace, "2"), await send(workspace, "3")];
    await run.shows("is suspended");
    run.child.kill("SIGTERM");

    const ran = await run.ended;
    const queued = await workspace.call(["send", "webhook.ops", "4"]);
    const waited = await workspace.call(["send", "webhook.ops", "5", "--wait"]);
    const stats = await workspace.call("store stats");
    const shown = await workspace.call(`deliveries show ${ids[0]}`);
    const askedBefore = receiver.requests.length;
    const resumed = await workspace.call("deliveries resume --channel webhook.ops");
    await workspace.call("run --until-idle");

    const advice = '"jackfield deliveries resume --channel webhook.ops" lets it go on';
    const logged = messagesIn(ran.err);
    expect(logged.filter((text) => text.includes(advice))).toHaveLength(1);
    expect(logged.at(-1)).toBe(
      'waiting for a person: 3; "jackfield deliveries list --state paused" tells why',
    );
    expect(queued.code).toBe(0);
    expect(queued.err).toContain("stored and queued. webhook.ops is suspended: ");
    expect(queued.err).toContain(advice);
    expect(waited.code).toBe(1);
    expect(waited.err).toContain(advice);
    expect(stats.out).toContain("webhook.ops is suspended: ");
    expect(shown.out).toContain(advice);
    expect(resumed.out).toBe("resumed 3\n");
    expect(receiver.requests.length - askedBefore).toBe(5);
    expect(Object.values(await statesOf(workspace))).toEqual(Array.from({ length: 5 }, () => "delivered"));
  });

  test("a changed configuration resumes what was paused, by itself", async () => {
    await using receiver = await createReceiver({ script: [status(401)] });
    await using workspace = await createWorkspace(
      opsChannel(receiver.url, 'authHeader = "Bearer old-canary"'),
    );
    const id = await send(workspace, "Hello");

    const paused = await statesOf(workspace);
    await workspace.call(["config", "set", "channels.webhook.ops.authHeader", "Bearer new-canary"]);
    await workspace.call("run --until-idle");

    expect(paused).toEqual({ [id]: "paused" });
    expect(await statesOf(workspace)).toEqual({ [id]: "delivered" });
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer old-canary",
      "Bearer new-canary",
    ]);
  });

  test("filters narrow the list, and cancel ends what they let through", async () => {
    await using receiver = await createReceiver({ script: [status(503), status(404)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url, "retrySchedule = [60000]"));
    const retrying = await send(workspace, "1", "--thread", "a");
    const dead = await send(workspace, "2", "--thread", "b");

    const byState = await workspace.call("deliveries list --state dead,cancelled");
    const byKind = await workspace.call("deliveries list --kind server_error");
    const byAge = await workspace.call("deliveries list --until 1h");
    const cancelled = await workspace.call("deliveries cancel --thread a");

    expect(byState.out).toContain(dead);
    expect(byState.out).not.toContain(retrying);
    expect(byKind.out).toContain(retrying);
    expect(byKind.out).not.toContain(dead);
    expect(byAge).toEqual({ code: 0, out: "", err: "no deliveries fit\n" });
    expect(cancelled.out).toBe("cancelled 1\n");
    expect(await statesOf(workspace)).toEqual({ [retrying]: "cancelled", [dead]: "dead" });
  });

  test.each([
    [
      "deliveries show msg_nope",
      1,
      'there is no delivery msg_nope in this store: "jackfield deliveries list"',
    ],
    ["deliveries resume msg_nope", 1, "msg_nope was left alone: there is no such delivery"],
    ["deliveries redeliver", 2, "which deliveries? name their ids, or a filter such as --state dead"],
    ["deliveries list --state ded", 2, '"ded" is no state; there are queued, sending'],
    ["deliveries list --kind ded", 2, '"ded" is no kind of failure; there are auth_required'],
    ["deliveries resume --channel webhook.opps", 2, 'no channel "webhook.opps" in '],
    ["deliveries list --since soon", 2, "write a date such as 2026-11-22, or so long ago as 2h"],
  ])("jackfield %s exits with %i and says: %s", async (line, code, sentence) => {
    await using workspace = await createWorkspace(opsChannel("http://127.0.0.1:9/hook"));

    const ended = await workspace.call(line);

    expect(ended.code).toBe(code);
    expect(ended.err).toContain(sentence);
  });

  test("run goes on until SIGTERM, and then ends with 0", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const run = workspace.start(["run"]);
    await run.shows("dispatching webhook.ops");
    const id = await send(workspace, "Hello");
    await run.shows(`"delivery":"${id}","attempt":1,"status":200`);

    run.child.kill("SIGTERM");

    expect((await run.ended).code).toBe(0);
  });

  test("store prune deletes what was delivered, and store stats counts the rest", async () => {
    await using receiver = await createReceiver({ script: [status(200), status(404)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    await send(workspace, "1");
    await send(workspace, "2");

    const young = await workspace.call("store prune --delivered-before 1h");
    const pruned = await workspace.call("store prune --delivered-before 0s --json");
    const stats = await workspace.call("store stats --json");

    expect(young.out).toBe("deleted 0\n");
    expect(JSON.parse(pruned.out)).toEqual({ deleted: 1 });
    expect(JSON.parse(stats.out)).toMatchObject({
      deliveries: [{ channel: "webhook.ops", state: "dead", count: 1 }],
      suspended: [],
    });
  });
});

/** What the lines of a log say. */
function messagesIn(log: string): string[] {
  const lines = log.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => String(JSON.parse(line).msg));
}
