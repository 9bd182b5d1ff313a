import type { MessageDraft } from "../channel/message.ts";
import type { InboundMessage } from "../inbox/inbound-message.ts";
import type { TimelineEntry } from "../threads/threads.ts";

/**
 * An agent: called with each message, and what it returns is the answer.
 *
 * ```ts
 * export const agent: Agent = (message) => `You said: ${message.content}`;
 * ```
 *
 * A turn that throws, or passes its time limit, is run again by the retry policy of `[agent]`, and so is one in which the process
 * died: what an agent does to the world outside should be keyed by {@link AgentContext.turn}'s `operationId`. The answer and everything
 * sent with `context.send` go out together once the turn has ended well, and exactly once.
 */
export type Agent = (message: InboundMessage, context: AgentContext) => AgentAnswer | Promise<AgentAnswer>;

/**
 * What an agent answers: text, a message, several of either, text as it is being made (a channel that can edit shows it live, any other gets
 * it whole), or nothing.
 */
export type AgentAnswer =
  | string
  | Answer
  | readonly (string | Answer)[]
  | AsyncIterable<string>
  | undefined
  | null
  // biome-ignore lint/suspicious/noConfusingVoidType: an agent that only acts has no return statement.
  | void;

/** A message that goes back to where the question came from, unless it says otherwise. */
export interface Answer extends Omit<MessageDraft, "replaces"> {
  /** The channel's id. Default: the one that the message came through. */
  readonly channel?: string;
}

/** What an agent may use during its turn. */
export interface AgentContext {
  /**
   * Sends a message through any channel. It goes out with the answer, when the turn has ended well.
   *
   * @throws JackfieldError `CHANNEL_UNKNOWN`; DeliveryError of kind `blocked` for a message that the channel cannot carry
   */
  send(channel: string, draft: MessageDraft | string): void;
  readonly thread: AgentThread;
  readonly turn: {
    /** 1 for the first turn of this message. */
    readonly number: number;
    /** The same in each turn of the message: an idempotency key towards others. */
    readonly operationId: string;
  };
  /** Aborted when the turn has to end: its time is over, or the process shuts down. */
  readonly signal: AbortSignal;
  readonly log: AgentLog;
}

/** The conversation that a message belongs to. */
export interface AgentThread {
  /** `channel/name`. */
  readonly id: string;
  /** Where the channel merges (`concurrency = "debounce"`): the single messages whose text the message has, oldest first. Empty where it is one. */
  readonly merged: readonly InboundMessage[];
  /** Where the channel drops (`concurrency = "drop"`): what came while the agent was busy, since the last turn. */
  readonly dropped: readonly InboundMessage[];
  /** What happened so far, oldest first; the last `limit` (default 100) entries. */
  history(limit?: number): Promise<readonly TimelineEntry[]>;
  /** Marks the conversation as resolved, when the turn has ended well. The next message begins another one. */
  resolve(resolution?: string): void;
}

/** Lines for the deployment's log; they carry channel and thread by themselves. */
export interface AgentLog {
  debug(text: string, fields?: Readonly<Record<string, unknown>>): void;
  info(text: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(text: string, fields?: Readonly<Record<string, unknown>>): void;
  error(text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** An agent that is ready, however it is spoken to. */
export interface OpenAgent {
  readonly run: Agent;
  /** Gives back processes and sockets. Called once, after the last turn has ended. */
  close?(): Promise<void>;
}
