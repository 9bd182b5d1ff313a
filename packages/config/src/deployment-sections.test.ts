import { defineChannel, retryFields } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { errorOf, load, problemOf } from "./test-support.ts";

const ear = defineChannel({
  contract: 1,
  type: "ear",
  description: "Listens.",
  config: z.strictObject({ ...retryFields, listenPath: z.string().optional() }),
  capabilities: { carries: [], members: ["handle"] },
  listenPath: (config, alias) => config.listenPath ?? `/webhook/${alias}`,
  create: () => {
    throw new Error("no test opens it");
  },
});

test("a deployment without [gateway] and without a channel that takes requests serves nothing", async () => {
  expect((await load("version = 1\n")).deployment.gateway).toMatchObject({ isServed: false, port: 8787 });
});

test("a written [gateway] is served", async () => {
  expect((await load("version = 1\n[gateway]\nport = 9000\n")).deployment.gateway).toMatchObject({
    isServed: true,
    port: 9000,
    host: "127.0.0.1",
  });
});

test("a channel that takes requests is served without [gateway]", async () => {
  const { deployment } = await load("version = 1\n[channels.ear.a]\n", { types: [ear] });
  expect(deployment.gateway.isServed).toBe(true);
});

test("a host that others can reach needs a token", async () => {
  expect(await problemOf('version = 1\n[gateway]\nhost = "0.0.0.0"\n')).toMatchObject({
    path: "gateway.token",
    line: 2,
    message: expect.stringContaining("openssl rand -hex 32"),
  });
});

test("a token that is not read-only and one that is differ", async () => {
  const toml = 'version = 1\n[gateway]\ntoken = "aaaabbbbccccdddd"\nreadOnlyToken = "aaaabbbbccccdddd"\n';
  const problem = await problemOf(toml);
  expect(problem).toMatchObject({ path: "gateway.readOnlyToken", line: 4 });
  expect(JSON.stringify(problem)).not.toContain("aaaabbbb");
});

test("two channels on one path are an error at the second", async () => {
  const toml = 'version = 1\n[channels.ear.a]\n[channels.ear.b]\nlistenPath = "/webhook/a"\n';
  expect(await problemOf(toml, { types: [ear] })).toMatchObject({
    path: "channels.ear.b.listenPath",
    line: 4,
    message: "/webhook/a is the path of ear.a already: give each channel its own",
  });
});

test("an agent is one of module, command and url", async () => {
  expect(await problemOf('version = 1\n[agent]\nmodule = "./a.ts"\ncommand = ["a"]\n')).toMatchObject({
    path: "agent.command",
    line: 4,
  });
});

test("an agent that is none of them is told what there is", async () => {
  expect(await problemOf("version = 1\n[agent]\nturnTimeoutMs = 1\n")).toMatchObject({
    path: "agent.module",
    message: expect.stringContaining("module, command or url"),
  });
});

test("an agent has the defaults of turns and retries", async () => {
  const { deployment } = await load('version = 1\n[agent]\nmodule = "./a.ts"\n');
  expect(deployment.agent).toMatchObject({ module: "./a.ts", turnTimeoutMs: 120_000, maxRetries: 3 });
});

test("every problem of several sections is told at once", async () => {
  const error = await errorOf('version = 1\n[agent]\n[gateway]\nhost = "::"\n');
  expect(error.problems.map(({ path }) => path)).toEqual(["agent.module", "gateway.token"]);
});
