import { createReceiver, delay, retryAfter, status } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { createWorkspace, opsChannel } from "./command.ts";

describe.concurrent("jackfield send", () => {
  test("stdout has the id and nothing else, and the receiver has the message under it", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello"]);

    expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/^msg_[0-9a-f-]{36}\n$/) });
    expect(sent.err).toContain("attempt 1  delivered  200");
    expect(sent.err).toContain("delivered after 1 attempt\n");
    expect(receiver.requests.map(({ headers }) => headers["idempotency-key"])).toEqual([sent.out.trim()]);
  });

  test("what still waits is accepted, and says what will finish it", async () => {
    await using receiver = await createReceiver({ script: [retryAfter(503, 20)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello"]);

    expect(sent.code).toBe(0);
    expect(sent.err).toContain("next attempt after 20 s, as the receiver asked (Retry-After)");
    expect(sent.err).toMatch(
      /stored and retrying\. The next attempt is due at \S+, in (20|19\.\d) s: "jackfield run" makes it\./,
    );
    expect(sent.err).toContain(`"jackfield deliveries show ${sent.out.trim()}" tells how it is`);
  });

  test("--wait follows it to its end, each attempt on stderr", async () => {
    await using receiver = await createReceiver({ script: [status(503), status(500)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello", "--wait"]);

    expect(sent.code).toBe(0);
    expect(sent.out.split("\n")).toHaveLength(2);
    expect(sent.err.match(/^attempt \d {2}\S+/gm)).toEqual([
      "attempt 1  server_error",
      "attempt 2  server_error",
      "attempt 3  delivered",
    ]);
    expect(sent.err).toMatch(/delivered after 3 attempts\n$/);
  });

  test("--json is one object with the attempts, their waits and the receipt", async () => {
    await using receiver = await createReceiver({ script: [status(503)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello", "--wait", "--json"]);

    expect(sent).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(sent.out)).toEqual({
      id: expect.stringMatching(/^msg_/),
      channel: "webhook.ops",
      state: "delivered",
      attempts: [
        {
          number: 1,
          at: expect.stringMatching(/Z$/),
          durationMs: expect.any(Number),
          status: 503,
          failure: { kind: "server_error", message: expect.stringContaining("answered 503") },
          waitMs: expect.any(Number),
        },
        { number: 2, at: expect.any(String), durationMs: expect.any(Number), status: 200 },
      ],
      receipt: { status: 200 },
    });
  });

  test("a message that is given up at once exits with 1, and says how to try again", async () => {
    await using receiver = await createReceiver({ script: [status(404)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello"]);

    expect(sent.code).toBe(1);
    expect(sent.err).toContain("dead: ");
    expect(sent.err).toContain(`"jackfield deliveries redeliver ${sent.out.trim()}" tries again`);
  });

  test("--direct keeps the loop in memory and nothing on disk", async () => {
    await using receiver = await createReceiver({ script: [status(503)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello", "--direct"]);

    expect(sent).toMatchObject({ code: 0, out: expect.stringMatching(/^msg_[0-9a-f-]{36}\n$/) });
    expect(sent.err).toContain("delivered after 2 attempts");
    await expect(workspace.read("jackfield.db")).rejects.toThrow("ENOENT");
  });

  test("--direct --json of a failure has the attempts, and exits with 1", async () => {
    await using receiver = await createReceiver({ afterScript: status(500) });
    await using workspace = await createWorkspace(opsChannel(receiver.url, "maxRetries = 1"));

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello", "--direct", "--json"]);

    expect(sent.code).toBe(1);
    const { id, attempts, ...rest } = JSON.parse(sent.out);
    expect(rest).toEqual({ channel: "webhook.ops", state: "dead" });
    expect(id).toBe(receiver.requests[0]?.headers["idempotency-key"]);
    expect(attempts.map(({ number, status }: Record<string, number>) => [number, status])).toEqual([
      [1, 500],
      [2, 500],
    ]);
    expect(sent.err).toContain("not delivered after 2 attempts");
  });

  test("stdin is the message where the text is - or left out", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url, 'format = "text"'));

    await workspace.jackfield(["send", "webhook.ops", "-"], { stdin: "two\nlines\n" });
    await workspace.jackfield(["send", "webhook.ops"], { stdin: "no newline" });

    expect(receiver.requests.map(({ body }) => body.toString())).toEqual(["two\nlines", "no newline"]);
  });

  test("an idempotency key stands for one delivery; other content under it is refused", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const send = (text: string) =>
      workspace.jackfield(["send", "webhook.ops", text, "--idempotency-key", "disk-full"]);

    const first = await send("Disk is full");
    const second = await send("Disk is full");
    const third = await send("Disk is on fire");

    expect(second).toMatchObject({ code: 0, out: first.out });
    expect(second.err).toContain("was accepted before, with the same content: nothing new is sent");
    expect(third).toMatchObject({ code: 1, out: "" });
    expect(third.err).toContain(`other content already, in ${first.out.trim()}: use another key`);
    expect(receiver.requests).toHaveLength(1);
  });

  test("while another process dispatches the store, that one sends and --wait looks on", async () => {
    await using receiver = await createReceiver({ script: [status(503)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const run = workspace.start(["run"]);
    await run.shows("dispatching webhook.ops");

    const sent = await workspace.jackfield(["send", "webhook.ops", "Hello", "--wait"]);
    run.child.kill("SIGTERM");

    expect(sent.code).toBe(0);
    expect(sent.err).toContain("attempt 1  server_error  503");
    expect(sent.err).toContain("attempt 2  delivered  200");
    expect((await run.ended).err).toContain(`"delivery":"${sent.out.trim()}","attempt":2,"status":200`);
    expect(receiver.requests).toHaveLength(2);
  });

  test("Ctrl-C while it waits for a retry leaves it stored, and the next run finishes it", async () => {
    await using receiver = await createReceiver({ script: [status(503)] });
    await using workspace = await createWorkspace(opsChannel(receiver.url, "retrySchedule = [1500]"));
    const sending = workspace.start(["send", "webhook.ops", "Hello", "--wait"]);
    await sending.shows("next attempt after");

    sending.child.kill("SIGINT");
    const sent = await sending.ended;
    const ran = await workspace.jackfield("run --until-idle");

    expect(sent.code).toBe(1);
    expect(sent.err).toContain('"jackfield run" makes it');
    expect(ran.code).toBe(0);
    expect(ran.err).toContain(`${sent.out.trim()} webhook.ops  attempt 2  delivered  200`);
  });

  test("Ctrl-C ends a direct send, and says that nothing was kept", async () => {
    await using receiver = await createReceiver({ script: [delay(60_000, status(200))] });
    await using workspace = await createWorkspace(opsChannel(receiver.url));
    const sending = workspace.start(["send", "webhook.ops", "Hello", "--direct"]);
    await receiver.nextRequest();

    sending.child.kill("SIGINT");

    expect(await sending.ended).toEqual({
      code: 1,
      out: "",
      err: "interrupted: nothing more is sent, and nothing was kept\n",
    });
  });

  test("a channel that is not there is named beside those that are", async () => {
    await using workspace = await createWorkspace(opsChannel("http://127.0.0.1:9/hook"));

    expect(await workspace.jackfield("send webhook.opps Hello")).toEqual({
      code: 2,
      out: "",
      err: 'no channel "webhook.opps" in jackfield.toml: it has webhook.ops\n',
    });
  });

  test("a loopback address is refused with the line that allows it", async () => {
    await using receiver = await createReceiver();
    await using workspace = await createWorkspace(
      `version = 1\n[channels.webhook.ops]\nsendUrl = "${receiver.url}?token=canary"\n`,
    );

    const sent = await workspace.jackfield("send webhook.ops Hello");

    expect(sent.code).toBe(1);
    expect(sent.err).toContain('add allowHosts = ["127.0.0.1"]');
    expect(sent.err).not.toContain("canary");
    expect(receiver.connections).toBe(0);
  });

  test("an unreachable host is told in words", async () => {
    await using workspace = await createWorkspace(opsChannel("https://nothing.invalid/hook?token=canary"));

    const sent = await workspace.jackfield("send webhook.ops Hello");

    expect(sent.code).toBe(0);
    expect(sent.err).toContain("no such host: check the host of sendUrl (ENOTFOUND)");
    expect(sent.err).not.toContain("canary");
  });
});
