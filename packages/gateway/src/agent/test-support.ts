import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AgentContext,
  type Clock,
  type InboundMessage,
  type OpenAgent,
  systemClock,
} from "@jackfield/core";
import { expect } from "vitest";
import type { AgentEvent } from "./agent-event.ts";
import { type AgentConfig, openAgent } from "./open-agent.ts";

export const question: InboundMessage = {
  id: "inb_1",
  channel: "box.one",
  sender: "alice",
  content: "hello",
  receivedAt: 0,
};

/** A context whose calls are written down. */
export function createContext(signal: AbortSignal = new AbortController().signal) {
  const calls: string[] = [];
  const log = (level: string) => (text: string) => void calls.push(`${level} ${text}`);
  const context: AgentContext = {
    send: (channel, draft) =>
      void calls.push(`send ${channel} ${typeof draft === "string" ? draft : draft.content}`),
    thread: {
      id: "box.one/@alice",
      merged: [],
      dropped: [],
      history: async (limit) => [
        { type: "turn", at: limit ?? 0, inbound: "inb_0", turn: { number: 1, at: 0 } },
      ],
      resolve: (resolution) => void calls.push(`resolve ${resolution}`),
    },
    turn: { number: 1, operationId: "inb_1" },
    signal,
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
  };
  return { context, calls };
}

/** An agent in a folder of its own; closed and gone with the block, and none of its processes is left. */
export interface TestAgent extends AsyncDisposable {
  readonly agent: OpenAgent;
  readonly events: AgentEvent[];
  ask(content?: string, signal?: AbortSignal): Promise<unknown>;
}

export async function openTestAgent(
  files: Readonly<Record<string, string>>,
  config: AgentConfig,
  clock: Clock = systemClock,
): Promise<TestAgent> {
  const directory = mkdtempSync(join(tmpdir(), "jackfield-agent-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const events: AgentEvent[] = [];
  const onEvent = (event: AgentEvent) => void events.push(event);
  try {
    const agent = await openAgent({ config, directory, clock, random: () => 0.5, onEvent });
    return {
      agent,
      events,
      ask: async (content = "hello", signal) =>
        agent.run({ ...question, content }, createContext(signal).context),
      async [Symbol.asyncDispose]() {
        await agent.close?.();
        for (const event of events) {
          if (event.type === "agent_started") expect(() => process.kill(event.pid, 0)).toThrow("ESRCH");
        }
        rmSync(directory, { recursive: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true });
    throw error;
  }
}

/** Everything that an async iterable gives. */
export async function collect(pieces: unknown): Promise<string[]> {
  const texts: string[] = [];
  for await (const piece of pieces as AsyncIterable<string>) texts.push(piece);
  return texts;
}
