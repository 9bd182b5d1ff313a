import { type DispatchEvent, openMessenger } from "@jackfield/core";
import { attemptLines } from "../attempt-text.ts";
import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { openConfiguredStore } from "../store.ts";
import { printable, type Terminal } from "../terminal.ts";

interface RunVerbOptions extends ConfigOption {
  readonly untilIdle?: boolean;
}

/** Runs the deployment: dispatches what the store holds, until it is told to end. */
export async function runRun(terminal: Terminal, options: RunVerbOptions): Promise<number> {
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
    await messenger.run({ signal, ...(options.untilIdle ? { until: "idle" } : {}) });
    return exitCodes.done;
  } finally {
    await messenger.close();
  }
}

function show(terminal: Terminal, event: DispatchEvent): void {
  switch (event.type) {
    case "attempt": {
      const [first, ...rest] = attemptLines(terminal, event.attempt);
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
      terminal.err(printable(`${event.channel} is suspended until a person resumes it: ${event.reason}`));
      terminal.err(`mend the cause, then "jackfield deliveries resume --channel ${event.channel}"`);
      return;
    case "store_trouble":
      terminal.err(
        `the store is in trouble, it is asked again: ${event.error instanceof Error ? event.error.message : event.error}`,
      );
  }
}
