import type { Clock, OpenAgent, Random } from "@jackfield/core";
import type { AgentEvent } from "./agent-event.ts";
import { openCommandAgent } from "./command-agent.ts";
import { openModuleAgent } from "./module-agent.ts";
import { openUrlAgent } from "./url-agent.ts";

/** Who answers: exactly one of module, command and url. */
export interface AgentConfig {
  /** A file that exports `agent`. */
  readonly module?: string | undefined;
  /** A program and its arguments. */
  readonly command?: readonly string[] | undefined;
  /** An endpoint. */
  readonly url?: string | undefined;
  /** Signs the requests to `url`. */
  readonly secret?: string | undefined;
  /** Further variables of the environment of `command`. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface AgentOptions {
  readonly config: AgentConfig;
  /** Relative paths begin here, and a command runs here. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: AgentEvent) => void;
}

/**
 * Makes an agent ready.
 *
 * @throws JackfieldError `AGENT_INVALID` for one that cannot be used, in words
 */
export async function openAgent(options: AgentOptions): Promise<OpenAgent> {
  const { module, command, url } = options.config;
  if (module !== undefined) return openModuleAgent(module, options);
  if (command !== undefined) return openCommandAgent(command, options);
  if (url !== undefined) return openUrlAgent(url, options);
  throw new TypeError("an agent is one of module, command and url");
}
