import { deliveryStates, failureKinds, inboundStates, type JsonValue } from "@jackfield/core";
import * as z from "zod";

const moment = () => z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const count = (most: number) => z.coerce.number().int().min(1).max(most);
/** Several states with commas between them. */
const states = () =>
  z
    .string()
    .transform((text) => text.split(",").map((part) => part.trim()))
    .pipe(z.array(z.enum(deliveryStates)));
const page = { limit: count(500).default(50), after: z.string().optional() };
const ids = z.array(z.string()).min(1).max(1000);

export const sendBody = z.strictObject({
  channel: z.string().meta({ description: "The channel's id.", example: "webhook.ops" }),
  content: z.string().meta({ description: "The text." }),
  recipient: z.string().optional(),
  threadId: z.string().optional(),
  subject: z.string().optional(),
  attachments: z
    .array(
      z.strictObject({
        name: z.string(),
        contentType: z.string(),
        url: z.string().optional(),
        data: z.string().optional(),
      }),
    )
    .optional(),
  data: z.json().optional() as z.ZodType<JsonValue | undefined>,
  idempotencyKey: z.string().min(1).max(256).optional(),
});

const deliveryFilter = {
  channel: z.string().optional(),
  thread: z.string().optional(),
  kind: z.enum(failureKinds).optional(),
  since: moment().optional(),
  until: moment().optional(),
};

export const deliveriesQuery = z.object({
  ...deliveryFilter,
  state: states().optional(),
  ...page,
});

export const commandBody = z
  .strictObject({
    ...deliveryFilter,
    ids: ids.optional(),
    states: z.array(z.enum(deliveryStates)).optional(),
    force: z.boolean().default(false).meta({ description: "Only for redeliver." }),
    limit: z.int().min(1).max(500).default(200),
    after: z.string().optional(),
  })
  .refine(
    ({ force: _force, limit: _limit, after: _after, ...filter }) =>
      Object.values(filter).some((value) => value !== undefined),
    "which deliveries? name ids, or a filter such as states",
  );

export const threadsQuery = z.object({ channel: z.string().optional(), ...page });
export const timelineQuery = z.object({ thread: z.string(), ...page });
export const resolveBody = z.strictObject({ thread: z.string(), resolution: z.string().optional() });
export const resumeBody = z.strictObject({ ids });

export const errorBody = z.object({ error: z.object({ code: z.string(), message: z.string() }) });
export const acceptedBody = z.object({ id: z.string(), duplicate: z.boolean() });
export const commandResult = z.object({
  changed: z.int(),
  skipped: z.array(z.object({ id: z.string(), reason: z.string() })),
  next: z.string().optional(),
});
const at = z.iso.datetime();
export const deliverySummary = z.looseObject({
  id: z.string(),
  channel: z.string(),
  state: z.enum(deliveryStates),
  createdAt: at,
  updatedAt: at,
});
export const deliveriesPage = z.object({ deliveries: z.array(deliverySummary), next: z.string().optional() });
export const deliveryBody = z.looseObject({
  id: z.string(),
  state: z.enum(deliveryStates),
  attempts: z.array(z.looseObject({})),
});
export const threadsPage = z.object({
  threads: z.array(z.looseObject({ id: z.string(), channel: z.string(), name: z.string() })),
  next: z.string().optional(),
});
export const timelinePage = z.object({
  entries: z.array(z.looseObject({ at, type: z.enum(["inbound", "turn", "outbound", "attempt"]) })),
  next: z.string().optional(),
});
export const inboundBody = z.looseObject({
  state: z.enum(inboundStates),
  message: z.looseObject({ id: z.string() }),
});
export const channelsBody = z.object({
  channels: z.array(
    z.object({ id: z.string(), listenPath: z.string().optional(), suspended: z.string().optional() }),
  ),
});
export const resolvedBody = z.object({ resolved: z.string() });
