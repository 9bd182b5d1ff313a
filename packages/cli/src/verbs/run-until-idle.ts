import {
  type DeliveryState,
  type DispatchEvent,
  type Outbox,
  openMessenger,
  suspensionsIn,
  suspensionText,
} from "@jackfield/core";
import { attemptLines } from "../attempt-text.ts";
import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { openConfiguredStore } from "../store.ts";
import { printable, type Terminal } from "../terminal.ts";

/** Dispatches what the store holds, until nothing of it is left to do: no server, no agent. */
export async function runUntilIdle(terminal: Terminal, options: ConfigOption): Promise<number> {
  const loaded = await loadDeployment(options);
  const { channels } = loaded.deployment;
  const store = await openConfiguredStore(loaded);
  const messenger = await openMessenger({ store, channels, onEvent: (event) => show(terminal, event) });
  using signal = interruptSignal();
  try {
    const right = await store.outbox.acquireDispatch();
    await right?.release();
    if (!right) terminal.err("another process dispatches this store: standing by until it ends");
    else
      terminal.err(
        `dispatching ${channels.map(({ id }) => id).join(", ") || "nothing: no channels"} (Ctrl-C ends it)`,
      );
    for (const { text } of await suspensionsIn(store.outbox)) terminal.err(printable(text));
    await messenger.run({ signal, until: "idle" });
    for (const line of await whatWaits(store.outbox)) terminal.err(line);
    return exitCodes.done;
  } finally {
    await messenger.close();
  }
}

/** What a run has left behind, in words: nothing of it goes on by itself. */
export async function whatWaits(outbox: Outbox): Promise<readonly string[]> {
  const counts = new Map<DeliveryState, number>();
  for (const { state, count } of await outbox.counts()) counts.set(state, (counts.get(state) ?? 0) + count);
  const count = (...states: DeliveryState[]) =>
    states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
  const paused = count("paused");
  const waiting = count("queued", "retrying");
  return [
    ...(waiting > 0 ? [`left in the store: ${waiting}; "jackfield run" goes on with them`] : []),
    ...(paused > 0
      ? [`waiting for a person: ${paused}; "jackfield deliveries list --state paused" tells why`]
      : []),
  ];
}

function show(terminal: Terminal, event: DispatchEvent): void {
  switch (event.type) {
    case "attempt": {
      const [first, ...rest] = attemptLines(terminal.style, event.attempt);
      terminal.err([`${event.id} ${event.channel}  ${first}`, ...rest].join("\n"));
      return;
    }
    case "expired":
      terminal.err(`${event.id} ${event.channel}  expired: its time had run out before it could be sent`);
      return;
    case "fenced":
      terminal.err(`${event.id} ${event.channel}  its lease had lapsed: somebody else has it now`);
      return;
    case "circuit":
      terminal.err(
        event.state === "opened"
          ? `${event.channel} fails again and again: it is stopped, and probed from time to time`
          : `${event.channel} works again`,
      );
      return;
    case "suspended":
      terminal.err(printable(suspensionText(event.channel, event.reason)));
      return;
    case "store_trouble":
      terminal.err(
        `the store is in trouble, it is asked again: ${event.error instanceof Error ? event.error.message : event.error}`,
      );
  }
}
