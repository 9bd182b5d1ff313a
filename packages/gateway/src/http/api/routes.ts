import {
  accept,
  channelOf,
  type DeliveryFilter,
  JackfieldError,
  newDelivery,
  type Outbox,
} from "@jackfield/core";
import type * as z from "zod";
import type { AppParts } from "../app.ts";
import * as schemas from "./schemas.ts";
import { withDates } from "./with-dates.ts";

/** One operation of the API: what it takes, what it answers, and how it is done. */
export interface Route {
  readonly method: "get" | "post";
  /** Below `/api/v1`, with `{name}` for what stands in the path. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: 200 | 202;
  readonly answer: z.ZodType;
  run(parts: AppParts, input: Input): Promise<unknown>;
}

interface Input {
  readonly query: unknown;
  readonly body: unknown;
  readonly id: string;
}

/** A route whose input is what its schemas say. */
function route<Query extends z.ZodObject, Body extends z.ZodType>(
  given: Omit<Route, "query" | "body" | "run"> & {
    readonly query?: Query;
    readonly body?: Body;
    run(
      parts: AppParts,
      input: { readonly query: z.output<Query>; readonly body: z.output<Body>; readonly id: string },
    ): Promise<unknown>;
  },
): Route {
  // What it is given has been parsed by these very schemas.
  return given as unknown as Route;
}

const commands = [
  ["redeliver", "Send again what has ended: the same delivery with a fresh budget."],
  ["resume", "Let go on what waits for a person."],
  ["cancel", "End what has not ended and is not under way."],
] as const;

/** What the command can do, over HTTP. */
export const routes: readonly Route[] = [
  route({
    method: "post",
    path: "/messages",
    summary: "Accept a message into the store: it is delivered, or waits where a person can see why.",
    body: schemas.sendBody,
    status: 202,
    answer: schemas.acceptedBody,
    async run({ store, clock, channels }, { body: { channel, ...draft } }) {
      const given = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
      const message = { ...given, content: draft.content };
      return accept(store.outbox, newDelivery(channelOf(channels(), channel), message, clock.now()));
    },
  }),
  route({
    method: "get",
    path: "/deliveries",
    summary: "List deliveries, the newest first.",
    query: schemas.deliveriesQuery,
    status: 200,
    answer: schemas.deliveriesPage,
    async run({ store }, { query: { limit, after, state, ...filter } }) {
      return withDates(await store.outbox.list(filterOf({ ...filter, states: state }), pageOf(limit, after)));
    },
  }),
  route({
    method: "get",
    path: "/deliveries/{id}",
    summary: "One delivery with its message and every attempt.",
    status: 200,
    answer: schemas.deliveryBody,
    async run({ store }, { id }) {
      return withDates(found(await store.outbox.get(id), `there is no delivery ${id}`));
    },
  }),
  ...commands.map(([name, summary]) =>
    route({
      method: "post",
      path: `/deliveries/${name}`,
      summary,
      body: schemas.commandBody,
      status: 200,
      answer: schemas.commandResult,
      run: ({ store }, { body: { force, limit, after, ...filter } }) =>
        command(store.outbox, name, {
          filter: filterOf(filter),
          force,
          ...pageOf(limit, after),
        }),
    }),
  ),
  route({
    method: "get",
    path: "/threads",
    summary: "List threads, those with the latest activity first.",
    query: schemas.threadsQuery,
    status: 200,
    answer: schemas.threadsPage,
    async run({ store }, { query: { channel, limit, after } }) {
      const filter = channel === undefined ? {} : { channel };
      return withDates(await store.threads.list(filter, pageOf(limit, after)));
    },
  }),
  route({
    method: "get",
    path: "/threads/timeline",
    summary: "What happened in a thread, in order: each message, turn, delivery and attempt.",
    query: schemas.timelineQuery,
    status: 200,
    answer: schemas.timelinePage,
    async run({ store }, { query: { thread, limit, after } }) {
      found(await store.threads.get(thread), `there is no thread "${thread}"`);
      return withDates(await store.threads.timeline(thread, pageOf(limit, after)));
    },
  }),
  route({
    method: "post",
    path: "/threads/resolve",
    summary: "Mark the conversation of a thread as resolved; its next message begins another one.",
    body: schemas.resolveBody,
    status: 200,
    answer: schemas.resolvedBody,
    async run({ store, clock }, { body: { thread, resolution } }) {
      found(await store.threads.get(thread), `there is no thread "${thread}"`);
      const why = resolution === undefined ? {} : { resolution };
      await store.threads.track([{ type: "resolved", thread, at: clock.now(), ...why }]);
      return { resolved: thread };
    },
  }),
  route({
    method: "get",
    path: "/inbound/{id}",
    summary: "One message that came in, with every turn of the agent.",
    status: 200,
    answer: schemas.inboundBody,
    async run({ store }, { id }) {
      return withDates(found(await store.inbox.get(id), `there is no message ${id}`));
    },
  }),
  route({
    method: "post",
    path: "/inbound/resume",
    summary: "Give messages another turn that were given up, or wait for a person.",
    body: schemas.resumeBody,
    status: 200,
    answer: schemas.commandResult,
    run: ({ store }, { body: { ids } }) => store.inbox.resume(ids),
  }),
  route({
    method: "get",
    path: "/channels",
    summary: "List the channels.",
    status: 200,
    answer: schemas.channelsBody,
    async run({ store, channels }) {
      const records = new Map((await store.outbox.channels()).map((record) => [record.channel, record]));
      return {
        channels: [...channels()].map(([id, { listenPath }]) => ({
          id,
          listenPath,
          suspended: records.get(id)?.suspendedAt === undefined ? undefined : records.get(id)?.reason,
        })),
      };
    },
  }),
];

function pageOf(limit: number, after: string | undefined) {
  return { limit, ...(after === undefined ? {} : { after }) };
}

function command(
  outbox: Outbox,
  name: (typeof commands)[number][0],
  { force, ...request }: Parameters<Outbox["redeliver"]>[0],
) {
  if (name === "redeliver") return outbox.redeliver({ ...request, force: force ?? false });
  return outbox[name](request);
}

function filterOf(
  given: {
    readonly [Key in keyof DeliveryFilter | "thread" | "kind"]?: unknown;
  },
): DeliveryFilter {
  const { thread, kind, ...rest } = given;
  const all = { ...rest, threadId: thread, failureKind: kind };
  // Every value has been checked by the schema of its route.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as DeliveryFilter;
}

function found<Value>(value: Value | undefined, message: string): Value {
  if (value === undefined) throw new JackfieldError("NOT_FOUND", message);
  return value;
}
