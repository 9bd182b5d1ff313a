import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { AgentSettings } from "@jackfield/config";
import {
  canonicalJson,
  createTurnPolicy,
  type OpenAgent,
  TurnRunner,
  type TurnRunnerOptions,
} from "@jackfield/core";
import { type AgentOptions, openAgent } from "./agent/open-agent.ts";

/** An agent that was opened, and what tells it from another one. */
export interface HostedAgent {
  readonly open: OpenAgent;
  readonly settings: AgentSettings;
  readonly digest: string;
}

/** What an agent is opened with, besides its settings. */
export type AgentEffects = Omit<AgentOptions, "config">;

/**
 * Opens the agent of a deployment; the present one where neither its settings nor its module's file has changed.
 *
 * @throws JackfieldError `AGENT_INVALID`
 */
export async function hostAgent(
  settings: AgentSettings | undefined,
  effects: AgentEffects,
  present?: HostedAgent,
): Promise<HostedAgent | undefined> {
  if (!settings) return undefined;
  const digest = canonicalJson([settings, await changedAt(settings, effects.directory)]);
  if (present?.digest === digest) return present;
  return { open: await openAgent({ config: settings, ...effects }), settings, digest };
}

/** When the file of a module was last changed; one that is not there is the opening's to complain about. */
async function changedAt({ module }: AgentSettings, directory: string): Promise<number | undefined> {
  if (module === undefined) return undefined;
  const found = await stat(resolve(directory, module)).catch(() => undefined);
  return found?.mtimeMs;
}

export type RunnerOptions = Omit<TurnRunnerOptions, "agent" | "policy">;

interface RunningAgent {
  readonly hosted: HostedAgent;
  readonly runner: TurnRunner;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/** Runs the turns of the present agent. One that is replaced ends its turns beside the new one's, and is closed then. */
export class AgentHost {
  readonly #options: RunnerOptions;
  #running: RunningAgent | undefined;
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Has another agent from now on, or none. */
  replace(hosted: HostedAgent | undefined): void {
    if (hosted === this.#running?.hosted) {
      // The channels may have changed.
      this.#running?.runner.lookForWork();
      return;
    }
    this.#leave();
    if (!hosted) return;
    const stopping = new AbortController();
    const runner = new TurnRunner({
      ...this.#options,
      agent: hosted.open,
      policy: createTurnPolicy(hosted.settings),
    });
    this.#running = { hosted, runner, stopping, ended: runner.run(stopping.signal) };
  }

  /** Ends the turns that are under way, or gives them back. */
  async stop(): Promise<void> {
    this.#leave();
    await Promise.all(this.#leaving);
  }

  #leave(): void {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    running.stopping.abort();
    const left = running.ended
      .then(() => running.hosted.open.close?.())
      .finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}
