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
  type Store,
} from "@jackfield/core";
import { attemptLines } from "../attempt-text.ts";
import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { openConfiguredStore } from "../store.ts";
import { duration, printable, type Terminal, table } from "../terminal.ts";
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
  terminal.out(options.json ? deliveryJson(delivery) : story(terminal, delivery));
  return exitCodes.done;
}

export type DeliveryCommand = "redeliver" | "resume" | "cancel";

const pastTense: Readonly<Record<DeliveryCommand, string>> = {
  redeliver: "redelivered",
  resume: "resumed",
  cancel: "cancelled",
};

/** Applies a command to what is named or fits the filter, a few at a time; killed half-way, the same call goes on with the rest. */
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
  const { outbox } = opened.store;
  // What changes from now on is not meant: a delivery that is redelivered and dies again is not redelivered twice.
  const bounded = ids.length > 0 ? filter : { until: Date.now() + 1, ...filter };
  if (command === "resume" && options.channel !== undefined) await outbox.unsuspend(options.channel);
  const run = (request: CommandRequest): Promise<CommandResult> =>
    command === "redeliver"
      ? outbox.redeliver({ ...request, force: options.force ?? false })
      : outbox[command](request);
  let changed = 0;
  let after: string | undefined;
  const skipped: { readonly id: string; readonly reason: string }[] = [];
  do {
    const request = { filter: bounded, limit: changedAtOnce };
    const result = await run(after === undefined ? request : { ...request, after });
    changed += result.changed;
    skipped.push(...result.skipped);
    after = result.next;
    if (after !== undefined) terminal.err(`${pastTense[command]} ${changed} so far`);
  } while (after !== undefined);
  if (options.json) terminal.out(JSON.stringify({ changed, skipped }, undefined, 2));
  else terminal.out(`${pastTense[command]} ${changed}`);
  for (const { id, reason } of skipped) terminal.err(`${id} was left alone: ${reason}`);
  if (changed > 0 && command !== "cancel") await sayWhoSends(terminal, opened.store);
  return skipped.length > 0 ? exitCodes.failed : exitCodes.done;
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
function story(terminal: Terminal, delivery: Delivery): string {
  const { id, channel, state, message, attempts, reason } = delivery;
  const about = [
    message.recipient && `to ${message.recipient}`,
    message.threadId && `in thread ${message.threadId}`,
    message.subject && `about ${message.subject}`,
  ].filter(Boolean);
  const lines = [
    `${terminal.style("bold", id)}  ${state}`,
    printable(`accepted ${iso(message.createdAt)} for ${[channel, ...about].join(", ")}`),
    printable(`  ${message.content.replaceAll("\n", "\n  ")}`),
    "",
  ];
  for (const attempt of attempts) {
    lines.push(`${iso(attempt.at)}  ${attemptLines(terminal, attempt).join("\n")}`);
  }
  if (attempts.length === 0) lines.push("no attempt has been made");
  lines.push("", printable(whatNext(delivery)));
  if (reason && state !== "delivered" && attempts.at(-1)?.failure?.message !== reason)
    lines.push(printable(`because: ${reason}`));
  return lines.join("\n");
}

function whatNext({ id, state, dueAt, orderingKey, receipt, updatedAt }: Delivery): string {
  switch (state) {
    case "queued":
    case "retrying":
      if (dueAt === undefined)
        return `It waits until an earlier message of its thread (${orderingKey}) is through.`;
      return dueAt <= Date.now()
        ? 'The next attempt is due now: "jackfield run" makes it.'
        : `The next attempt is due at ${iso(dueAt)}, in ${duration(dueAt - Date.now())}.`;
    case "sending":
      return "An attempt is under way.";
    case "paused":
      return `It waits for a person: mend the cause, then "jackfield deliveries resume ${id}".`;
    case "delivered":
      return `Delivered at ${iso(updatedAt)}${receipt?.duplicate ? "; the receiver had it already" : ""}.`;
    case "dead":
      return `Given up. "jackfield deliveries redeliver ${id}" tries again, with a fresh budget.`;
    case "cancelled":
    case "expired":
      return `It was ${state} at ${iso(updatedAt)}. "jackfield deliveries redeliver ${id}" sends it all the same.`;
  }
}

function iso(at: number): string;
function iso(at: number | undefined): string | undefined;
function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

function shortened(text: string): string {
  const line = printable(text).replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

async function openStoreOf(options: ConfigOption): Promise<AsyncDisposable & { readonly store: Store }> {
  const store = await openConfiguredStore(await loadDeployment(options));
  return { store, [Symbol.asyncDispose]: () => store.close() };
}
