import type { OpenChannel } from "../channel/open-channel.ts";
import type { Clock } from "../clock.ts";
import { channelOf, newDelivery, type OpenChannels } from "../delivery/new-delivery.ts";
import type { NewDelivery } from "../delivery/outbox.ts";
import { type DeliveryError, toDeliveryError } from "../failure/delivery-error.ts";
import { threadOf } from "../inbox/inbound-message.ts";
import type { StoredTurn, TurnClaim } from "../inbox/inbox.ts";
import { threadKey } from "../threads/thread-key.ts";
import type { TimelineEntry } from "../threads/threads.ts";
import { orAborted } from "../work/waits.ts";
import type { Agent, AgentContext, AgentLog, Answer } from "./agent.ts";
import { isStream, messagesOf, replyTo } from "./answers.ts";
import { LiveAnswer } from "./live-answer.ts";
import { mergedMessage } from "./turn-view.ts";

/** What a turn needs of the world. */
export interface TurnWorld {
  readonly agent: Agent;
  readonly channels: OpenChannels;
  readonly clock: Clock;
  /** What happened in a thread so far, oldest first, the last entries. */
  readonly history: (thread: string, limit: number) => Promise<readonly TimelineEntry[]>;
  readonly keepPreview: (claim: TurnClaim, remoteId: string) => Promise<void>;
  readonly log: (claim: TurnClaim) => AgentLog;
  /** Told of what went wrong beside the turn: showing that it is under way, or its text as it is being made. */
  readonly onAside: (claim: TurnClaim, error: unknown) => void;
}

/** How a turn ended. */
export type TurnOutcome =
  | {
      readonly turn: StoredTurn;
      readonly answers: readonly NewDelivery[];
      /** The agent marked the conversation as resolved. */
      readonly resolved?: { readonly resolution?: string };
    }
  | { readonly turn: StoredTurn; readonly failure: DeliveryError };

/**
 * Runs one turn of the agent and describes it. What the agent sends is collected, and goes out with the acknowledgement of the message.
 *
 * @param signal ends the turn: its reason is the failure
 */
export async function runTurn(world: TurnWorld, claim: TurnClaim, signal: AbortSignal): Promise<TurnOutcome> {
  const { clock } = world;
  const number = claim.turnsMade + 1;
  const at = clock.now();
  const started = clock.monotonic();
  const elapsed = () => clock.monotonic() - started;
  const over = new AbortController();
  try {
    const open = channelOf(world.channels, claim.message.channel);
    void showTyping(world, open, claim, AbortSignal.any([signal, over.signal]));
    const { answers, ...rest } = await answersOf(world, open, claim, signal);
    return { turn: { number, at, durationMs: elapsed() }, answers, ...rest };
  } catch (error) {
    const failure = toDeliveryError(error);
    const { kind, message } = failure;
    return { turn: { number, at, durationMs: elapsed(), failure: { kind, message } }, failure };
  } finally {
    over.abort();
  }
}

async function answersOf(
  world: TurnWorld,
  open: OpenChannel,
  claim: TurnClaim,
  signal: AbortSignal,
): Promise<Pick<Extract<TurnOutcome, { answers: unknown }>, "answers" | "resolved">> {
  const { agent, channels, clock } = world;
  const message = mergedMessage(claim);
  const thread = threadOf(message);
  const about = { thread, inReplyTo: claim.id };
  const answers: NewDelivery[] = [];
  let resolved: { readonly resolution?: string } | undefined;
  const answer = (item: Answer) => {
    const target = item.channel === undefined ? open : channelOf(channels, item.channel);
    const context = target === open ? about : { inReplyTo: claim.id };
    answers.push(newDelivery(target, replyTo(message, target, item), clock.now(), context));
  };
  const context: AgentContext = {
    send(channel, draft) {
      const item = typeof draft === "string" ? { content: draft } : draft;
      answers.push(newDelivery(channelOf(channels, channel), item, clock.now(), { inReplyTo: claim.id }));
    },
    thread: {
      id: threadKey(message.channel, thread),
      merged: claim.merged.length === 0 ? [] : [claim.message, ...claim.merged],
      dropped: claim.dropped,
      history: (limit = 100) => world.history(threadKey(message.channel, thread), limit),
      resolve: (resolution) => {
        resolved = resolution === undefined ? {} : { resolution };
      },
    },
    turn: { number: claim.turnsMade + 1, operationId: claim.id },
    signal,
    log: world.log(claim),
  };
  // An agent may not listen to its signal.
  const said = await orAborted(signal, async () => agent(message, context));
  if (isStream(said)) {
    const draft = (content: string) => replyTo(message, open, { content });
    const live = open.channel.edit
      ? new LiveAnswer({
          ...{ open, clock, signal, draft, preview: claim.preview },
          keep: (remoteId) => world.keepPreview(claim, remoteId),
          onFailure: (error) => world.onAside(claim, error),
        })
      : undefined;
    const content = await wholeText(said, signal, live);
    const replaces = await live?.finish();
    if (content !== "" || replaces !== undefined) {
      const whole = { ...draft(content), ...(replaces === undefined ? {} : { replaces }) };
      answers.push(newDelivery(open, whole, clock.now(), about));
    }
  } else {
    for (const item of messagesOf(said)) answer(item);
  }
  return { answers, ...(resolved ? { resolved } : {}) };
}

async function wholeText(
  stream: AsyncIterable<string>,
  signal: AbortSignal,
  live: LiveAnswer | undefined,
): Promise<string> {
  let text = "";
  const pieces = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await orAborted(signal, () => pieces.next());
      if (done) return text;
      text += value;
      live?.show(text);
    }
  } catch (error) {
    // Where the turn is over before the text is: who makes it need not go on. Nobody waits for one that does not listen.
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
    await live?.finish();
    throw error;
  }
}

/** How often a platform is told that an answer is being made; they show it for some seconds each time. */
const typingIntervalMs = 4000;

async function showTyping(
  { clock, onAside }: TurnWorld,
  { channel }: OpenChannel,
  claim: TurnClaim,
  signal: AbortSignal,
): Promise<void> {
  if (!channel.typing) return;
  const { threadId, sender } = claim.message;
  const thread = { recipient: sender, ...(threadId === undefined ? {} : { threadId }) };
  try {
    while (!signal.aborted) {
      await channel.typing(thread, signal);
      await clock.sleep(typingIntervalMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) onAside(claim, error);
  }
}
