import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChannelType, defineChannel, httpUrl, retryFields, secret } from "@jackfield/core";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { type LoadedConfig, type LoadOptions, loadConfig } from "./load.ts";
import { ConfigError, type ConfigProblem } from "./problems.ts";

/** A channel type that has a field of each kind. */
export const pager = defineChannel({
  contract: 1,
  type: "pager",
  description: "Rings a pager.",
  config: z
    .strictObject({
      sendUrl: httpUrl().describe("Where messages are sent."),
      token: secret().optional().describe("Proves who we are."),
      previousTokens: z.array(secret()).default([]).describe("Tokens of the past."),
      headers: z.record(z.string(), secret(z.string())).default({}).describe("Further headers."),
      tone: z.enum(["standard", "loud", "none"]).default("standard").describe("How it rings."),
      label: z.string().min(2).max(20).optional().describe("What it says."),
      volume: z.number().min(0).max(1).default(0.5).describe("How loud, as a share."),
      isUrgent: z.boolean().default(false).describe("Whether it wakes people."),
      proxyUrl: httpUrl().optional().describe("A way around."),
      hours: z
        .strictObject({ from: z.int().min(0).max(23), to: z.int().min(0).max(23).default(17) })
        .optional()
        .describe("When it may ring."),
      zone: z
        .string()
        .regex(/^[a-z]+$/)
        .optional()
        .describe("Where it rings."),
      room: z.int().optional().describe("In which room it rings."),
      ...retryFields,
    })
    .superRefine((config, context) => {
      if (config.tone === "loud" && config.token === undefined) {
        context.addIssue({ code: "custom", path: ["tone"], message: '"loud" needs a token: set token' });
      }
      if (config.room !== undefined && config.zone === undefined) {
        context.addIssue({ code: "custom", path: ["zone"], message: "is needed for a room" });
      }
      if (config.token !== undefined && config.token.length < 8) {
        context.addIssue({ code: "custom", path: ["token"], message: "is too short: 8 characters at least" });
      }
    }),
  capabilities: { carries: [], members: [] },
  create: (_config, host) => ({
    id: host.id,
    capabilities: { carries: [], members: [] },
    deliver: async () => ({}),
  }),
});

/** A channel type of which nothing has to be configured. */
export const bell = defineChannel({
  contract: 1,
  type: "door-bell",
  description: "Rings at the door.",
  config: z.strictObject({ ...retryFields, chime: z.string().default("ding").describe("How it sounds.") }),
  capabilities: { carries: [], members: [] },
  create: (_config, host) => ({
    id: host.id,
    capabilities: { carries: [], members: [] },
    deliver: async () => ({}),
  }),
});

export const types: readonly ChannelType[] = [pager, bell];

/** The least that is a right configuration. */
export const minimal = 'version = 1\n\n[channels.pager.ops]\nsendUrl = "https://example.com/hook"\n';

/** A folder of its own for the test, with `jackfield.toml` and further files in it. */
export async function folderWith(
  toml: string | Uint8Array | undefined,
  others: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "jackfield-config-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = { ...(toml === undefined ? {} : { "jackfield.toml": toml }), ...others };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

/** Loads a text as a file on disk. */
export async function load(
  toml: string | Uint8Array | undefined,
  options: Partial<LoadOptions> & { readonly files?: Readonly<Record<string, string | Uint8Array>> } = {},
): Promise<LoadedConfig> {
  const cwd = await folderWith(toml, options.files);
  return loadConfig({ path: "jackfield.toml", types, env: {}, cwd, ...options });
}

/** What is wrong with a text; fails where nothing is. */
export async function problemsOf(...args: Parameters<typeof load>): Promise<readonly ConfigProblem[]> {
  return (await errorOf(...args)).problems;
}

/** The one problem of a text; fails where there are more, or none. */
export async function problemOf(...args: Parameters<typeof load>): Promise<ConfigProblem> {
  const [problem, ...others] = await problemsOf(...args);
  if (!problem || others.length > 0) throw new Error(`expected one problem, found ${others.length + 1}`);
  return problem;
}

/** The error of a configuration that is wrong. */
export async function errorOf(...args: Parameters<typeof load>): Promise<ConfigError> {
  try {
    await load(...args);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("expected the configuration to be refused");
}
