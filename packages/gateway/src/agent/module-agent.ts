import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
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
    const what = cause instanceof Error ? cause.message : String(cause);
    throw invalid(module, `it cannot be loaded: ${what}${placeOf(cause)}`, cause);
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

/** A line of a stack that names a place, with or without the query that we have added to the file's name. */
const placePattern = /^(?: +at (?:.*\()?)?((?:file:\/\/)?\/[^\n?]+?)(?:\?at=[\d.-]+)?:(\d+)/gm;

/** Where an error comes from, as ` (file:line)`: Node says it for TypeScript, and for what throws while it is loaded. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const [, file = "", line] of stack.matchAll(placePattern)) {
    // What a package stumbles on is somewhere else's mistake.
    if (file.includes("/node_modules/")) continue;
    return ` (${file.startsWith("file:") ? fileURLToPath(file) : file}:${line})`;
  }
  return "";
}

function invalid(module: string, what: string, cause?: unknown): JackfieldError {
  return new JackfieldError(
    "AGENT_INVALID",
    `the agent ${module}: ${what}`,
    cause === undefined ? {} : { cause },
  );
}
