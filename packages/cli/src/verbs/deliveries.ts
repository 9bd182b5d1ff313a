import {
  type CommandRequest,
  type CommandResult,
  type Delivery,
  type DeliveryFilter,
  type DeliveryState,
  deliveryStates,
  type FailureKind,
  failureKinds,
  JackfieldError,
  type Outbox,
  type Store,
  suspensionsIn,
} from "@jackfield/core";
import { attemptLines } from "../attempt-text.ts";
import { type ConfigOption, configuredChannel } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { type OpenedStore, openStoreOf } from "../store.ts";
import { iso, printable, shortened, type Terminal, table } from "../terminal.ts";
import { type Surroundings, suspensionOf, whatNext } from "../what-next.ts";
import { deliveryJson } from "./send-durable.ts";

/** How many deliveries one transaction of a bulk command changes: few enough that sending goes on beside it. */
const changedAtOnce = 200;

export interface FilterOptions extends ConfigOption {
  readonly channel?: string;
  readonly state?: string;
  readonly kind?: string;
  readonly thread?: string;
  readonly since?: number;
  readonly until?: number;
  readonly json?: boolean;
}

export async function runDeliveriesList(
  terminal: Terminal,
  options: FilterOptions & { readonly limit: number; readonly after?: string },
): Promise<void> {
  await using opened = await openStoreOf(options);
  await assertKnownChannel(opened, options.channel);
  const { limit, after } = options;
  const page = await opened.store.outbox.list(filterOf([], options), {
    limit,
    ...(after === undefined ? {} : { after }),
  });
  if (options.json) {
    const deliveries = page.deliveries.map(({ updatedAt, createdAt, dueAt, expiresAt, ...rest }) => ({
      ...rest,
      createdAt: iso(createdAt),
      updatedAt: iso(updatedAt),
      dueAt: iso(dueAt),
      expiresAt: iso(expiresAt),
    }));
    terminal.out(JSON.stringify({ deliveries, next: page.next }, undefined, 2));
    return;
  }
  if (page.deliveries.length === 0) {
    terminal.err("no deliveries fit");
    return;
  }
  const rows = page.deliveries.map(({ id, channel, state, attemptCount, updatedAt, reason }) => [
    id,
    channel,
    state,
    String(attemptCount),
    iso(updatedAt) ?? "",
    shortened(reason ?? ""),
  ]);
  terminal.out(table([["DELIVERY", "CHANNEL", "STATE", "ATTEMPTS", "CHANGED", "WHY"], ...rows]));
  if (page.next !== undefined) terminal.err(`there are more: --after ${page.next} goes on from here`);
}

export async function runDeliveriesShow(
  terminal: Terminal,
  id: string,
  options: ConfigOption & { readonly json?: boolean },
): Promise<number> {
  await using opened = await openStoreOf(options);
  const delivery = await opened.store.outbox.get(id);
  if (!delivery) {
    terminal.err(`there is no delivery ${id} in this store: "jackfield deliveries list" has them all`);
    return exitCodes.failed;
  }
  if (options.json) terminal.out(deliveryJson(delivery));
  else {
    const suspendedBecause = await suspensionOf(opened.store.outbox, delivery.channel);
    terminal.out(story(terminal, delivery, { suspendedBecause }));
  }
  return exitCodes.done;
}

export type DeliveryCommand = "redeliver" | "resume" | "cancel";

const pastTense: Readonly<Record<DeliveryCommand, string>> = {
  redeliver: "redelivered",
  resume: "resumed",
  cancel: "cancelled",
};

/**
 * Applies a command to what is named or fits the filter, a few at a time and each delivery once. Killed half-way, the same call with
 * the `--until` that it has printed goes on with the rest, and leaves alone what was redelivered and has died again.
 */
export async function runDeliveriesCommand(
  terminal: Terminal,
  command: DeliveryCommand,
  ids: readonly string[],
  options: FilterOptions & { readonly force?: boolean },
): Promise<number> {
  const filter = filterOf(ids, options);
  if (Object.keys(filter).length === 0) {
    throw new JackfieldError(
      "USAGE",
      `which deliveries? name their ids, or a filter such as --state dead or --channel webhook.ops`,
    );
  }
  await using opened = await openStoreOf(options);
  await assertKnownChannel(opened, options.channel);
  const { outbox } = opened.store;
  const started = new Date().toISOString();
  // Who names the whole channel means its suspension, too.
  if (command === "resume" && filter.channel !== undefined && Object.keys(filter).length === 1) {
    await outbox.unsuspend(filter.channel);
  }
  const run = (request: CommandRequest): Promise<CommandResult> =>
    command === "redeliver"
      ? outbox.redeliver({ ...request, force: options.force ?? false })
      : outbox[command](request);
  let changed = 0;
  let after: string | undefined;
  const skipped: { readonly id: string; readonly reason: string }[] = [];
  do {
    const request = { filter, limit: changedAtOnce };
    const result = await run(after === undefined ? request : { ...request, after });
    changed += result.changed;
    skipped.push(...result.skipped);
    after = result.next;
    if (after !== undefined) {
      const rest =
        options.until === undefined ? `; interrupted, the same with --until ${started} goes on` : "";
      terminal.err(`${pastTense[command]} ${changed} so far${rest}`);
    }
  } while (after !== undefined);
  if (options.json) terminal.out(JSON.stringify({ changed, skipped }, undefined, 2));
  else terminal.out(`${pastTense[command]} ${changed}`);
  for (const { id, reason } of skipped) terminal.err(`${id} was left alone: ${reason}`);
  if (command === "redeliver" && !options.force && changed === 0)
    terminal.err("--force redelivers also what was delivered, is paused, or waits for its turn");
  if (command !== "cancel") await sayWhatHolds(terminal, outbox);
  if (changed > 0 && command !== "cancel") await sayWhoSends(terminal, opened.store);
  return skipped.length > 0 ? exitCodes.failed : exitCodes.done;
}

async function sayWhatHolds(terminal: Terminal, outbox: Outbox): Promise<void> {
  for (const { text } of await suspensionsIn(outbox)) terminal.err(printable(text));
}

async function sayWhoSends(terminal: Terminal, { outbox }: Store): Promise<void> {
  const right = await outbox.acquireDispatch();
  await right?.release();
  terminal.err(
    right
      ? '"jackfield run" sends what is due; none is running'
      : "the process that dispatches this store sends them",
  );
}

function filterOf(ids: readonly string[], options: FilterOptions): DeliveryFilter {
  const { channel, state, kind, thread, since, until } = options;
  return {
    ...(ids.length === 0 ? {} : { ids }),
    ...(channel === undefined ? {} : { channel }),
    ...(state === undefined ? {} : { states: state.split(",").map(stateOf) }),
    ...(kind === undefined ? {} : { failureKind: kindOf(kind) }),
    ...(thread === undefined ? {} : { threadId: thread }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

function stateOf(text: string): DeliveryState {
  const state = deliveryStates.find((candidate) => candidate === text.trim());
  if (state) return state;
  throw new JackfieldError("USAGE", `"${text}" is no state; there are ${deliveryStates.join(", ")}`);
}

function kindOf(text: string): FailureKind {
  const kind = failureKinds.find((candidate) => candidate === text);
  if (kind) return kind;
  throw new JackfieldError("USAGE", `"${text}" is no kind of failure; there are ${failureKinds.join(", ")}`);
}

/** A delivery as a story: what, to where, each attempt and why, what happens next and when. */
function story({ styleOut }: Terminal, delivery: Delivery, surroundings: Surroundings): string {
  const { id, channel, state, message, attempts, reason } = delivery;
  const about = [
    message.recipient && `to ${message.recipient}`,
    message.threadId && `in thread ${message.threadId}`,
    message.subject && `about ${message.subject}`,
  ].filter(Boolean);
  const lines = [
    `${styleOut("bold", id)}  ${state}`,
    printable(`accepted ${iso(message.createdAt)} for ${[channel, ...about].join(", ")}`),
    printable(`  ${message.content.replaceAll("\n", "\n  ")}`),
    "",
  ];
  for (const attempt of attempts) {
    lines.push(`${iso(attempt.at)}  ${attemptLines(styleOut, attempt).join("\n")}`);
  }
  if (attempts.length === 0) lines.push("no attempt has been made");
  lines.push("", printable(whatNext(delivery, surroundings)));
  if (reason && state !== "delivered" && attempts.at(-1)?.failure?.message !== reason)
    lines.push(printable(`because: ${reason}`));
  return lines.join("\n");
}

/** A channel may be gone from the configuration and still have deliveries; what is in neither is a slip of the pen. */
async function assertKnownChannel({ store, loaded }: OpenedStore, channel?: string): Promise<void> {
  if (channel === undefined || loaded.deployment.channels.some(({ id }) => id === channel)) return;
  const counts = await store.outbox.counts();
  if (!counts.some((count) => count.channel === channel)) configuredChannel(loaded, channel);
}
