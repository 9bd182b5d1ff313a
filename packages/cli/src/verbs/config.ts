import {
  ConfigError,
  deploymentJsonSchema,
  describeConfig,
  formatConfig,
  formatConfigJson,
  formatProblems,
  getConfigValue,
  setConfigValue,
} from "@jackfield/config";
import { channelTypes } from "../channel-types.ts";
import { type ConfigOption, configPath, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

interface JsonOption {
  readonly json?: boolean;
}

export async function runConfigCheck(
  terminal: Terminal,
  options: JsonOption & ConfigOption,
): Promise<number> {
  try {
    const { path, deployment } = await loadDeployment(options);
    const count = deployment.channels.length;
    if (options.json) terminal.out(JSON.stringify({ ok: true, path, problems: [] }, undefined, 2));
    else terminal.out(`${path} is right: ${count === 1 ? "1 channel" : `${count} channels`}`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (options.json) {
      terminal.out(
        JSON.stringify({ ok: false, path: configPath(options), problems: error.problems }, undefined, 2),
      );
    } else {
      terminal.err(formatProblems(error.problems, terminal.style));
    }
    return exitCodes.usage;
  }
}

export async function runConfigShow(
  terminal: Terminal,
  options: JsonOption & ConfigOption & { readonly origin?: boolean },
): Promise<void> {
  const rows = await describeConfig(await loadDeployment(options));
  const { origin = false } = options;
  terminal.out(options.json ? formatConfigJson(rows, { origin }) : formatConfig(rows, { origin }));
}

export function runConfigSchema(terminal: Terminal, path: string | undefined): void {
  terminal.out(JSON.stringify(deploymentJsonSchema(channelTypes, path), undefined, 2));
}

export async function runConfigGet(
  terminal: Terminal,
  path: string,
  options: JsonOption & ConfigOption,
): Promise<number> {
  const value = await getConfigValue(await loadDeployment(options), path);
  if (value === undefined) {
    terminal.err(`${path} is not set`);
    return exitCodes.failed;
  }
  terminal.out(!options.json && typeof value === "string" ? value : JSON.stringify(value, undefined, 2));
  return exitCodes.done;
}

export async function runConfigSet(
  terminal: Terminal,
  key: string,
  value: string,
  options: ConfigOption,
): Promise<void> {
  const path = configPath(options);
  const change = await setConfigValue({ path, types: channelTypes, env: process.env, key, value });
  terminal.err(change.isChanged ? `${path}: ${change.key} is set` : `${path}: ${change.key} was so already`);
  if (change.overriddenBy) {
    terminal.err(`it has no effect while the environment variable ${change.overriddenBy} is set`);
  }
}
