import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Agent, JackfieldError, type OpenAgent } from "@jackfield/core";
import type { AgentOptions } from "./open-agent.ts";

/** An agent in our own process: a file that exports `agent`. Node runs TypeScript as it stands. */
export async function openModuleAgent(
  module: string,
  { directory, clock }: AgentOptions,
): Promise<OpenAgent> {
  const path = resolve(directory, module);
  const file = await stat(path).catch(() => undefined);
  if (!file?.isFile()) throw invalid(module, "there is no such file: check agent.module");
  // Node keeps what it has loaded, and failures as well: a changed file has to have another name.
  const url = `${pathToFileURL(path).href}?at=${file.mtimeMs}-${clock.now()}`;
  let loaded: Record<string, unknown>;
  try {
    loaded = await import(url);
  } catch (cause) {
    throw invalid(module, `it cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
  const { agent } = loaded;
  if (typeof agent === "function") return { run: agent as Agent };
  const names = Object.keys(loaded).join(", ") || "nothing";
  throw invalid(
    module,
    "agent" in loaded
      ? "its export `agent` is no function"
      : `it has no export named \`agent\` (it exports ${names}): write "export const agent = (message) => ..."`,
  );
}

function invalid(module: string, what: string, cause?: unknown): JackfieldError {
  return new JackfieldError(
    "AGENT_INVALID",
    `the agent ${module}: ${what}`,
    cause === undefined ? {} : { cause },
  );
}
