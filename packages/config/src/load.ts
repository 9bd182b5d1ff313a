import { dirname } from "node:path";
import type { ChannelType } from "@jackfield/core";
import type * as z from "zod";
import type { AgentSettings } from "./agent-section.ts";
import { createDeploymentSchema } from "./deployment-schema.ts";
import type { GatewaySettings } from "./gateway-section.ts";
import { locateProblems } from "./locate.ts";
import type { Origins } from "./origin.ts";
import { applyOverrides, findOverrides, type Override } from "./overrides.ts";
import { isTableValue, parseToml, type SyntaxProblem, type Table } from "./parse-toml.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import { ConfigError } from "./problems.ts";
import { type ConfigFile, type ReadFile, readConfigFile, readFromDisk } from "./read-file.ts";
import { type Environment, resolveReferences } from "./references.ts";
import type { Schema } from "./schema-tree.ts";
import { shownBrokenLine } from "./shown-broken-line.ts";
import { validate } from "./validate.ts";

/** Where a configuration comes from, and what it may contain. */
export interface LoadOptions {
  readonly path: string;
  /** The channel types that may be configured. */
  readonly types: readonly ChannelType[];
  /** The variables that override keys and that references name; usually `process.env`. */
  readonly env: Environment;
  /** The folder that a relative `path` begins at. Default: the process's. */
  readonly cwd?: string;
  readonly readFile?: ReadFile;
}

/** A channel as it was configured. */
export interface ConfiguredChannel {
  /** `type.alias`, such as `webhook.ops`. */
  readonly id: string;
  readonly type: ChannelType;
  readonly alias: string;
  /** Checked, with defaults in place and references resolved. It contains secrets. */
  readonly config: z.output<ChannelType["config"]>;
  /** The same before defaults and transformations: what core's `openChannel` takes. It contains secrets. */
  readonly input: z.input<ChannelType["config"]>;
}

/** What a configuration file declares. */
export interface Deployment {
  readonly version: 1;
  /** Where deliveries are kept, as it was written: `sqlite:./jackfield.db`. */
  readonly store: { readonly url: string };
  /** The HTTP server; it is started where `isServed`. It contains secrets. */
  readonly gateway: GatewaySettings & { readonly isServed: boolean };
  /** Who answers; undefined where nobody does. It contains secrets. */
  readonly agent?: AgentSettings;
  /** In the order of the file, types in the order in which they were given. */
  readonly channels: readonly ConfiguredChannel[];
}

/** A configuration that is right, and what is needed to explain it. It contains secrets: never print it whole. */
export interface LoadedConfig {
  /** The file, as it was named. */
  readonly path: string;
  readonly absolutePath: string;
  readonly deployment: Deployment;
  /** The file's text. */
  readonly text: string;
  readonly schema: z.ZodObject;
  /** What was written, with overrides applied and references resolved, before defaults. */
  readonly document: Table;
  /** The whole configuration after validation, with defaults. */
  readonly effective: Table;
  readonly overridden: Origins;
  readonly referred: Origins;
}

/**
 * Reads, completes and checks a configuration file.
 *
 * @throws ConfigError (`CONFIG_INVALID`) with every problem; only a file that cannot be read or is not TOML has just one
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  return checkConfig(await readConfigFile(options.path, options), options);
}

/** The checks of {@link loadConfig} on a text that is at hand. */
export async function checkConfig(
  file: ConfigFile,
  { types, env, readFile = readFromDisk }: LoadOptions,
  isInForce: (override: Override) => boolean = () => true,
): Promise<LoadedConfig> {
  const schema = createDeploymentSchema(types);
  const written = parseConfig(file, schema);
  const found = findOverrides(env, schema, written);
  const overridden = applyOverrides(written, found.overrides.filter(isInForce));
  const resolved = await resolveReferences(overridden.document, schema, {
    env,
    readFile,
    directory: dirname(file.absolutePath),
  });
  const result = validate(schema, resolved.document, [...found.problems, ...resolved.problems]);
  const context = { schema, overridden: overridden.origins, referred: resolved.origins };
  if (result.problems) {
    const { path, text } = file;
    throw new ConfigError(await locateProblems(result.problems, { file: path, text, ...context }));
  }
  const { value: effective } = result;
  const channels = channelsIn(effective, resolved.document, types);
  const shared = sharedPaths(channels);
  const { path, absolutePath, text } = file;
  if (shared.length > 0)
    throw new ConfigError(await locateProblems(shared, { file: path, text, ...context }));
  const deployment: Deployment = {
    version: 1,
    store: { url: String(tableAt(effective, "store").url) },
    gateway: {
      // Validation has made sure of it.
      ...(effective.gateway as unknown as GatewaySettings),
      isServed: "gateway" in resolved.document || channels.some((channel) => listenPathOf(channel)),
    },
    ...(effective.agent === undefined ? {} : { agent: effective.agent as unknown as AgentSettings }),
    channels,
  };
  return { path, absolutePath, text, deployment, document: resolved.document, effective, ...context };
}

/** @throws ConfigError where the file is not TOML */
export function parseConfig(file: ConfigFile, schema: Schema): Table {
  const { document, problem } = parseToml(file.text);
  if (problem) throw syntaxError(file, problem, schema);
  return document;
}

function channelsIn(effective: Table, document: Table, types: readonly ChannelType[]): ConfiguredChannel[] {
  return types.flatMap((type) => {
    const written = tableAt(tableAt(document, "channels"), type.type);
    return Object.entries(tableAt(tableAt(effective, "channels"), type.type)).map(([alias, config]) => ({
      id: `${type.type}.${alias}`,
      type,
      alias,
      // Validation has made sure of it.
      config: config as ConfiguredChannel["config"],
      input: written[alias] as ConfiguredChannel["input"],
    }));
  });
}

function listenPathOf({ type, config, alias }: ConfiguredChannel): string | undefined {
  return type.listenPath?.(config, alias);
}

/** Two channels on one path would answer each other's requests. */
function sharedPaths(channels: readonly ConfiguredChannel[]): ProblemDraft[] {
  const owners = new Map<string, string>();
  return channels.flatMap((channel) => {
    const listenPath = listenPathOf(channel);
    if (listenPath === undefined) return [];
    const owner = owners.get(listenPath);
    owners.set(listenPath, owner ?? channel.id);
    if (owner === undefined) return [];
    const path = ["channels", channel.type.type, channel.alias, "listenPath"];
    const at = "listenPath" in channel.input ? ("value" as const) : ("table" as const);
    const message = `${listenPath} is the path of ${owner} already: give each channel its own`;
    return [{ code: "invalid_value" as const, path, message, at }];
  });
}

function tableAt(table: Table, key: string): Table {
  const below = table[key];
  return isTableValue(below) ? below : {};
}

function syntaxError(file: ConfigFile, problem: SyntaxProblem, schema: Schema): ConfigError {
  const lineStart = file.text.split("\n", problem.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  const offset = Math.min(lineStart + problem.column - 1, file.text.length);
  const shown = shownBrokenLine(file.text, offset, schema);
  return new ConfigError([
    { code: "toml_syntax", path: "", message: problem.message, file: file.path, ...shown },
  ]);
}
