import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { createWorkspace, opsChannel } from "./command.ts";

describe.concurrent("jackfield listen", () => {
  test("answers with the listed statuses in order, prints what comes and ends after --count", async () => {
    await using workspace = await createWorkspace();
    const listening = workspace.start(
      "listen --port 0 --respond 503,200 --retry-after 7 --count 3 --json".split(" "),
    );
    const url = await listening.url();

    const answers = [];
    for (const body of ["a", "b", "c"]) {
      const answer = await fetch(url, { method: "POST", body, headers: { authorization: "Bearer canary" } });
      answers.push([answer.status, answer.headers.get("retry-after")]);
    }
    const { code, out } = await listening.ended;

    expect(answers).toEqual([
      [503, "7"],
      [200, null],
      [200, null],
    ]);
    const printed = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(printed.map(({ number, body, status }) => [number, body, status])).toEqual([
      [1, "a", 503],
      [2, "b", 200],
      [3, "c", 200],
    ]);
    expect(out).not.toContain("canary");
    expect(code).toBe(0);
  });

  test("with --secret what is signed is taken, and what is not is refused with the reason", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    await using workspace = await createWorkspace();
    const listening = workspace.start(["listen", "--port", "0", "--secret", secret, "--count", "2"]);
    const url = await listening.url();
    await workspace.write(opsChannel(url, `secret = "${secret}"`));

    await workspace.jackfield("send webhook.ops Hello --direct");
    const unsigned = await fetch(url, { method: "POST", body: "x" });
    const { out } = await listening.ended;

    expect(out).toMatch(/1 {2}POST .*signature valid\n/);
    expect(out).toMatch(/2 {2}POST .*signature refused: /);
    expect(unsigned.status).toBe(401);
  });

  test("a request that breaks off in its body leaves it listening", async () => {
    await using workspace = await createWorkspace();
    const listening = workspace.start(["listen", "--port", "0", "--count", "1"]);
    const url = await listening.url();
    const client = connect(Number(new URL(url).port), "127.0.0.1");
    client.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf", () => client.destroy());
    await listening.shows("a request could not be answered");
    const answer = await fetch(url, { method: "POST", body: "whole" });

    expect(answer.status).toBe(200);
    expect((await listening.ended).out).toContain("whole");
  });

  test("a port that is taken is told in words", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using workspace = await createWorkspace();

    const ended = await workspace.jackfield(`listen --port ${port}`);
    server.close();

    expect(ended).toEqual({
      code: 1,
      out: "",
      err: `cannot listen on 127.0.0.1:${port} (EADDRINUSE): something listens there already: choose another --port\n`,
    });
  });
});
