import {
  type Delivery,
  type DispatchEvent,
  JackfieldError,
  type MessageDraft,
  type MessengerOptions,
  type Outbox,
  openMessenger,
  type StoredAttempt,
  systemClock,
} from "@jackfield/core";
import { attemptJson, attemptLines, counted } from "../attempt-text.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { printable, type Terminal } from "../terminal.ts";
import { type Surroundings, suspensionOf, whatNext } from "../what-next.ts";

/** Between two looks at a delivery that another process is working on, in milliseconds. */
const lookAgainMs = 200;

interface DurableOptions {
  readonly wait?: boolean;
  readonly json?: boolean;
}

/**
 * Accepts a message into the store and says its id. Then makes the attempts that are due, unless another process dispatches this
 * store; with `wait`, follows the delivery to its end.
 */
export async function sendDurable(
  terminal: Terminal,
  { store, channels }: Pick<MessengerOptions, "store" | "channels">,
  channelId: string,
  draft: MessageDraft,
  { wait = false, json = false }: DurableOptions,
): Promise<number> {
  let ownId: string | undefined;
  const done = new AbortController();
  const onAttempt = (attempt: StoredAttempt) => {
    if (!json) for (const line of attemptLines(terminal.style, attempt)) terminal.err(line);
  };
  const onEvent = (event: DispatchEvent) => {
    if (event.type === "store_trouble") terminal.err(`the store is in trouble: ${messageOf(event.error)}`);
    if (!("id" in event) || event.id !== ownId) return;
    if (event.type === "attempt") onAttempt(event.attempt);
    if (event.type === "expired" || (event.type === "attempt" && event.decision?.action !== "retry"))
      done.abort();
  };
  const messenger = await openMessenger({ store, channels, onEvent });
  using interrupt = interruptSignal();
  try {
    const { id, duplicate } = await messenger.enqueue(channelId, draft);
    ownId = id;
    if (!json) terminal.out(id);
    if (duplicate)
      terminal.err("this idempotency key was accepted before, with the same content: nothing new is sent");
    const signal = wait ? AbortSignal.any([interrupt, done.signal]) : interrupt;
    const dispatch = async (until: "idle" | "caught-up") =>
      (await messenger.run({ signal, standby: false, until })) === "elsewhere";
    let isDispatchedElsewhere: boolean;
    try {
      isDispatchedElsewhere = wait
        ? await follow({ outbox: store.outbox, id, dispatch, onAttempt, signal: interrupt })
        : await dispatch("caught-up");
    } catch (error) {
      // Whoever does not hear that it was accepted sends it again, under another id.
      if (json)
        terminal.out(JSON.stringify({ id, channel: channelId, state: "queued", attempts: [] }, undefined, 2));
      terminal.err(
        `it is accepted and stored as ${id}, but this process could not go on with it: ${messageOf(error)}`,
      );
      return exitCodes.failed;
    }
    const delivery = await keptDelivery(store.outbox, id);
    const isGood = delivery.state === "delivered" || (!wait && !isSettled(delivery));
    if (json) terminal.out(deliveryJson(delivery));
    if (!json || !isGood) {
      const suspendedBecause = await suspensionOf(store.outbox, channelId);
      describe(terminal, delivery, { suspendedBecause, isDispatchedElsewhere });
    }
    return isGood ? exitCodes.done : exitCodes.failed;
  } finally {
    await messenger.close();
  }
}

interface FollowOptions {
  readonly outbox: Outbox;
  readonly id: string;
  /** Dispatches until nothing is left to do. @returns whether another process has the right to do so */
  readonly dispatch: (until: "idle") => Promise<boolean>;
  /** Told of the attempts that another process makes. */
  readonly onAttempt: (attempt: StoredAttempt) => void;
  readonly signal: AbortSignal;
}

/**
 * Follows a delivery until nothing more happens to it of itself. Where another process dispatches, it looks on, and takes over
 * when that process ends.
 *
 * @returns whether another process dispatches
 */
async function follow({ outbox, id, dispatch, onAttempt, signal }: FollowOptions): Promise<boolean> {
  let delivery = await keptDelivery(outbox, id);
  let shown = delivery.attempts.length;
  while (!isSettled(delivery)) {
    if (!(await dispatch("idle"))) return false;
    delivery = await keptDelivery(outbox, id);
    for (const attempt of delivery.attempts.slice(shown)) onAttempt(attempt);
    shown = delivery.attempts.length;
    const isHeld = (await suspensionOf(outbox, delivery.channel)) !== undefined;
    if (isHeld || signal.aborted) return true;
    if (!isSettled(delivery)) await sleepUnlessAborted(lookAgainMs, signal);
  }
  return true;
}

async function sleepUnlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await systemClock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function keptDelivery(outbox: Outbox, id: string): Promise<Delivery> {
  const delivery = await outbox.get(id);
  if (delivery) return delivery;
  throw new JackfieldError(
    "DELIVERY_GONE",
    `the store has no delivery ${id} any more: it was accepted, and then pruned by another process`,
  );
}

function isSettled({ state }: Delivery): boolean {
  return state !== "queued" && state !== "sending" && state !== "retrying";
}

function describe(terminal: Terminal, delivery: Delivery, surroundings: Surroundings): void {
  const { state, id, reason, attempts } = delivery;
  if (state === "delivered") {
    terminal.err(terminal.style("green", `delivered after ${counted(attempts.length)}`));
    return;
  }
  if (isSettled(delivery)) {
    const colour = state === "paused" ? "yellow" : "red";
    terminal.err(terminal.style(colour, printable(`${state}: ${reason ?? "no reason was kept"}`)));
    terminal.err(whatNext(delivery, surroundings));
    return;
  }
  terminal.err(printable(`stored and ${state}. ${whatNext(delivery, surroundings)}`));
  terminal.err(`"jackfield deliveries show ${id}" tells how it is`);
}

/** A delivery as JSON shows it. */
export function deliveryJson({ id, channel, state, attempts, receipt, reason, dueAt }: Delivery): string {
  const due = dueAt === undefined ? undefined : new Date(dueAt).toISOString();
  return JSON.stringify(
    { id, channel, state, reason, dueAt: due, attempts: attempts.map(attemptJson), receipt },
    undefined,
    2,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
