import {
  type Clock,
  type Delivery,
  type DispatchEvent,
  type MessageDraft,
  type MessengerOptions,
  openMessenger,
  systemClock,
} from "@jackfield/core";
import { attemptJson, attemptLines } from "../attempt-text.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { duration, printable, type Terminal } from "../terminal.ts";

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
  const onEvent = (event: DispatchEvent) => {
    if (event.type === "store_trouble") terminal.err(`the store is in trouble: ${messageOf(event.error)}`);
    if (event.type === "suspended") terminal.err(`${event.channel} is suspended until a person resumes it`);
    if (!("id" in event) || event.id !== ownId) return;
    if (event.type === "attempt" && !json)
      for (const line of attemptLines(terminal, event.attempt)) terminal.err(line);
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
    const end = await messenger.run({ signal, standby: false, ...(wait ? {} : { until: "caught-up" }) });
    const isElsewhere = end === "elsewhere";
    const delivery = await (wait && isElsewhere ? follow(store, id, interrupt) : store.outbox.get(id));
    if (!delivery) throw new TypeError(`the store has no delivery ${id}, which it has accepted`);
    if (json) terminal.out(deliveryJson(delivery));
    else describe(terminal, delivery, isElsewhere);
    return isGood(delivery, wait) ? exitCodes.done : exitCodes.failed;
  } finally {
    await messenger.close();
  }
}

/** Looks at a delivery until it needs no more looking at. */
async function follow(
  store: MessengerOptions["store"],
  id: string,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<Delivery | undefined> {
  for (;;) {
    const delivery = await store.outbox.get(id);
    if (!delivery || isSettled(delivery) || signal.aborted) return delivery;
    await clock.sleep(lookAgainMs, signal).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}

function isSettled({ state }: Delivery): boolean {
  return state !== "queued" && state !== "sending" && state !== "retrying";
}

/** Accepted is good, unless somebody waits for the end or the end is there already. */
function isGood(delivery: Delivery, wait: boolean): boolean {
  return delivery.state === "delivered" || (!wait && !isSettled(delivery));
}

function describe(terminal: Terminal, delivery: Delivery, isElsewhere: boolean): void {
  const { state, id, reason, dueAt, attempts } = delivery;
  switch (state) {
    case "delivered":
      terminal.err(
        terminal.style(
          "green",
          `delivered after ${attempts.length === 1 ? "1 attempt" : `${attempts.length} attempts`}`,
        ),
      );
      return;
    case "queued":
    case "sending":
    case "retrying": {
      const when = dueAt === undefined ? "" : `, due in ${duration(Math.max(0, dueAt - Date.now()))}`;
      const who = isElsewhere
        ? "the process that dispatches this store goes on with it"
        : '"jackfield run" goes on with it';
      terminal.err(
        `it is stored and ${state}${when}: ${who}; "jackfield deliveries show ${id}" tells how it is`,
      );
      return;
    }
    case "paused":
      terminal.err(terminal.style("yellow", printable(`paused: ${reason}`)));
      terminal.err(`a person has to act: mend the cause, then "jackfield deliveries resume ${id}"`);
      return;
    default:
      terminal.err(terminal.style("red", printable(`${state}: ${reason ?? "no reason was kept"}`)));
      terminal.err(`"jackfield deliveries redeliver ${id}" tries again, with a fresh budget`);
  }
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
