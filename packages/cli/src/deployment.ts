import { type ConfiguredChannel, type LoadedConfig, loadConfig } from "@jackfield/config";
import { JackfieldError } from "@jackfield/core";
import { channelTypes } from "./channel-types.ts";

/** The option that every verb with a configuration has. */
export interface ConfigOption {
  readonly config?: string;
}

/** Which file is the configuration: `-c FILE`, else `JACKFIELD_CONFIG`, else `./jackfield.toml`. */
export function configPath({ config }: ConfigOption): string {
  return config ?? process.env.JACKFIELD_CONFIG ?? "jackfield.toml";
}

/** @throws ConfigError with every problem of the configuration */
export function loadDeployment(options: ConfigOption): Promise<LoadedConfig> {
  return loadConfig({ path: configPath(options), types: channelTypes, env: process.env });
}

/** @throws JackfieldError `USAGE`, which lists the channels that there are */
export function configuredChannel({ path, deployment }: LoadedConfig, id: string): ConfiguredChannel {
  const found = deployment.channels.find((channel) => channel.id === id);
  if (found) return found;
  const ids = deployment.channels.map((channel) => channel.id);
  const there = ids.length === 0 ? "it has none" : `it has ${ids.join(", ")}`;
  throw new JackfieldError("USAGE", `no channel "${id}" in ${path}: ${there}`);
}
