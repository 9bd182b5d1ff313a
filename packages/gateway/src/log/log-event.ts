import { type Failure, isJackfieldError, suspensionText, threadKey, threadOf } from "@jackfield/core";
import type { Logger } from "pino";
import type { GatewayEvent } from "../gateway-event.ts";

type Level = "debug" | "info" | "warn" | "error";
type Line = readonly [level: Level, text: string, fields: Readonly<Record<string, unknown>>];

/** Writes a line for an event. The text of messages is left out, unless `contents` is set. */
export function logEvent(
  log: Logger,
  event: GatewayEvent,
  { contents }: { readonly contents: boolean },
): void {
  const [level, text, fields] = lineOf(event, contents);
  log[level]({ type: event.type, ...fields }, text);
}

function lineOf(event: GatewayEvent, contents: boolean): Line {
  switch (event.type) {
    case "listening":
      return ["info", `listening on ${event.address.url}`, {}];
    case "dispatching":
      return ["info", `dispatching ${event.channels.join(", ") || "nothing: no channels"}`, {}];
    case "standing_by":
      return ["info", "another process dispatches this store: standing by until it ends", {}];
    case "stopping":
      return ["info", "stopping: what is under way may end", {}];
    case "reloaded": {
      const { added, removed, changed, agent, server } = event.changes;
      return ["info", "reloaded", { added, removed, changed, agent, server }];
    }
    case "received": {
      const { message, received } = event;
      const about = {
        channel: message.channel,
        message: message.id,
        thread: threadKey(message.channel, threadOf(message)),
        sender: message.sender,
      };
      const outcome = received.outcome === "accepted" ? received.state : received.outcome;
      const text = contents ? { content: message.content } : {};
      const level =
        outcome === "waiting" ? "info" : outcome === "duplicate" || outcome === "own" ? "debug" : "warn";
      const why = event.refusal === undefined ? "" : `: ${event.refusal}`;
      return [level, `received a message: ${outcome}${why}`, { ...about, ...text }];
    }
    case "turned_away":
      return ["warn", `turned away: ${event.reason}`, { channel: event.channel }];
    case "turn_began":
      return ["debug", `turn ${event.number} begins`, aboutTurn(event)];
    case "turn": {
      const { turn, outcome, answers } = event;
      const why = turn.failure ? `: ${turn.failure.message}` : "";
      const fields = {
        ...aboutTurn(event),
        turn: turn.number,
        durationMs: turn.durationMs,
        waitMs: turn.waitMs,
        answers,
      };
      const level = outcome === "handled" ? "info" : outcome === "retry" ? "warn" : "error";
      return [level, `turn ${turn.number} ${pastTense[outcome]}${why}`, fields];
    }
    case "turn_fenced":
      return ["warn", "a turn's lease had lapsed: somebody else has the message now", aboutTurn(event)];
    case "turn_released":
      return ["info", "a turn was given back: it is run again at the next start", aboutTurn(event)];
    case "turn_aside":
      return [
        "warn",
        `could not show that an answer is being made: ${messageOf(event.error)}`,
        aboutTurn(event),
      ];
    case "agent_log":
      return [event.level, event.text, { ...aboutTurn(event), agent: event.fields }];
    case "agent_stderr":
      return ["info", event.line, { from: "agent" }];
    case "agent_stderr_dropped":
      return ["warn", `the agent wrote ${event.lines} lines more to stderr in that second`, {}];
    case "agent_garbage":
      return ["warn", `the agent wrote ${event.reason}`, {}];
    case "agent_started":
      return ["info", "the agent has started", { pid: event.pid }];
    case "agent_died":
      return ["error", `the agent has died (${event.how})`, { restartInMs: event.restartInMs }];
    case "attempt":
      return attemptLine(event);
    case "expired":
      return ["warn", "expired: its time had run out before it could be sent", aboutDelivery(event)];
    case "fenced":
      return ["warn", "a delivery's lease had lapsed: somebody else has it now", aboutDelivery(event)];
    case "circuit":
      return event.state === "opened"
        ? [
            "warn",
            "fails again and again: it is stopped, and probed from time to time",
            { channel: event.channel },
          ]
        : ["info", "works again", { channel: event.channel }];
    case "suspended":
      return ["error", suspensionText(event.channel, event.reason), { channel: event.channel }];
    case "store_trouble":
      return ["error", `the store is in trouble, it is asked again: ${messageOf(event.error)}`, {}];
    case "tracker_trouble":
      return ["warn", `a conversation could not be followed: ${messageOf(event.error)}`, {}];
    case "handle_failed":
      return [
        "error",
        `a request could not be handled: ${messageOf(event.error)}`,
        { channel: event.channel },
      ];
    case "api_failed":
      return ["error", `a request of the API failed: ${messageOf(event.error)}`, { path: event.path }];
    case "listener_failed":
      return [
        "error",
        `a listener failed, it is started again: ${messageOf(event.error)}`,
        { listener: event.listener, waitMs: event.waitMs },
      ];
    case "listener_parked":
      return [
        "error",
        `a listener is parked until a reload: ${messageOf(event.error)}`,
        { listener: event.listener },
      ];
    case "listener_stuck":
      return [
        "warn",
        "a listener did not end when it was asked to, and was left behind",
        { listener: event.listener },
      ];
  }
}

const pastTense = {
  handled: "handled",
  retry: "failed",
  pause: "waits for a person",
  give_up: "given up",
} as const;

function attemptLine(event: Extract<GatewayEvent, { readonly type: "attempt" }>): Line {
  const { attempt, decision } = event;
  const { number, durationMs, status, waitMs } = attempt;
  const failure: (Failure & Error) | undefined = attempt.failure;
  const fields = {
    ...aboutDelivery(event),
    ...(event.threadId === undefined ? {} : { thread: threadKey(event.channel, event.threadId) }),
    attempt: number,
    status,
    durationMs,
    waitMs,
    kind: failure?.kind,
  };
  if (!failure) return ["info", `attempt ${number} delivered`, fields];
  return [
    decision?.action === "retry" ? "warn" : "error",
    `attempt ${number} failed: ${failure.message}`,
    fields,
  ];
}

function aboutDelivery({ id, channel }: { readonly id: string; readonly channel: string }) {
  return { channel, delivery: id };
}

function aboutTurn(about: { readonly id: string; readonly channel: string; readonly thread: string }) {
  return { channel: about.channel, thread: about.thread, message: about.id };
}

/** What an error of ours says; one that is nobody's says what it is, and where it happened. */
function messageOf(error: unknown): string {
  if (isJackfieldError(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
