import { createHash } from "node:crypto";
import type { InboundDraft, JsonValue } from "@jackfield/core";
import * as z from "zod";

/** What a format reads: the body as JSON, and what else of the request it needs. */
export interface ReceivedBody {
  readonly json: JsonValue;
  /** The body as it came. */
  readonly text: string;
  readonly channel: string;
  header(name: string): string | undefined;
}

/** A message; an answer at once, to a request that asks for one; or why there is no message in it, whether that is as it should be or not. */
export type Read =
  | { readonly draft: InboundDraft }
  | { readonly answer: Response }
  | { readonly ignored: string }
  | { readonly problem: string };

const attachment = z.object({
  name: z.string(),
  contentType: z.string(),
  url: z.string().optional(),
  data: z.string().optional(),
});
const json = z.custom<JsonValue>(() => true);
const sender = z.string().min(1);

const jackfieldBody = z.object({
  content: z.string(),
  sender,
  threadId: z.string().min(1).optional(),
  id: z.string().min(1).max(1000).optional(),
  attachments: z.array(attachment).optional(),
  data: json.optional(),
});
const zeroclawBody = z.object({ content: z.string(), sender, thread_id: z.string().min(1).nullish() });
const numbered = z.object({ number: z.int(), title: z.string().optional(), body: z.string().nullish() });
const githubBody = z.object({
  sender: z.object({ login: sender }),
  action: z.string().optional(),
  repository: z.object({ full_name: z.string() }).optional(),
  issue: numbered.optional(),
  pull_request: numbered.optional(),
  comment: z.object({ body: z.string().nullish() }).optional(),
});
const slackBody = z.object({
  event_id: z.string().min(1),
  event: z.object({
    type: z.string(),
    subtype: z.string().optional(),
    user: z.string().optional(),
    text: z.string().optional(),
    channel: z.string().optional(),
    thread_ts: z.string().optional(),
    bot_id: z.string().optional(),
  }),
});
/** The subtypes of Slack's messages that say something new. An edit, a deletion or a join is a message to Slack, too. */
const slackSubtypes = [undefined, "bot_message", "file_share", "me_message", "thread_broadcast"];
const slackChallenge = z.object({ type: z.literal("url_verification"), challenge: z.string() });
const stripeBody = z.object({ id: z.string().min(1), type: z.string() });

/** The bodies that the webhook channel understands, by the name that selects them. */
export const receiveFormats = {
  /** Our own: `{"content", "sender", "threadId"?, "id"?, "attachments"?, "data"?}`. */
  jackfield: (body) =>
    read(jackfieldBody, body, ({ content, sender, threadId, id, attachments, data }) => ({
      content,
      sender,
      ...defined({ threadId, remoteId: id, attachments: attachments?.map(attachmentOf), data }),
    })),
  /** What zeroclaw's webhook channel takes. */
  zeroclaw: (body) =>
    read(zeroclawBody, body, ({ content, sender, thread_id }) => ({
      content,
      sender,
      ...defined({ threadId: thread_id ?? undefined }),
    })),
  /** An event of GitHub; a thread is an issue or a pull request, else the repository. */
  github: (body) =>
    read(githubBody, body, (payload) => {
      const { action, repository, issue, pull_request, comment } = payload;
      const about = issue ?? pull_request;
      const head = [body.header("x-github-event"), action].filter(Boolean).join(" ");
      const title = [head, about?.title].filter(Boolean).join(": ");
      const threadId = repository && `${repository.full_name}${about ? `#${about.number}` : ""}`;
      return {
        sender: payload.sender.login,
        content: [title, comment ? comment.body : about?.body].filter(Boolean).join("\n"),
        data: body.json,
        ...defined({ threadId }),
      };
    }),
  /** An event of Slack's Events API; a thread is its first message, else the channel. */
  slack: (body) => {
    const challenge = slackChallenge.safeParse(body.json);
    if (challenge.success) return { answer: new Response(challenge.data.challenge) };
    const parsed = slackBody.safeParse(body.json);
    if (!parsed.success) return problemOf(parsed.error);
    const { event_id, event } = parsed.data;
    const isMessage = event.type === "message" || event.type === "app_mention";
    if (!isMessage || !slackSubtypes.includes(event.subtype)) return { ignored: "its event is no message" };
    return {
      draft: {
        sender: event.user ?? event.bot_id ?? "slack",
        content: event.text ?? "",
        remoteId: event_id,
        data: body.json,
        ...defined({ threadId: event.thread_ts ?? event.channel }),
        ...(event.bot_id === undefined ? {} : { isOwn: true }),
      },
    };
  },
  /** An event of Stripe; its object is in `data`. */
  stripe: (body) =>
    read(stripeBody, body, ({ id, type }) => ({
      sender: "stripe",
      content: type,
      remoteId: id,
      data: body.json,
    })),
  /** Any JSON, handed to the agent as it is. */
  json: ({ json, text, channel }) => ({ draft: { sender: channel, content: text, data: json } }),
} as const satisfies Record<string, (body: ReceivedBody) => Read>;

export type ReceiveFormat = keyof typeof receiveFormats;
export const receiveFormatNames = Object.keys(receiveFormats) as [ReceiveFormat, ...ReceiveFormat[]];

function read<Schema extends z.ZodType>(
  schema: Schema,
  { json }: ReceivedBody,
  draftOf: (body: z.output<Schema>) => InboundDraft,
): Read {
  const parsed = schema.safeParse(json);
  return parsed.success ? { draft: draftOf(parsed.data) } : problemOf(parsed.error);
}

function problemOf({ issues: [issue] }: z.ZodError): Read {
  return { problem: `${issue?.path.join(".") || "the body"}: ${issue?.message ?? "is not of the format"}` };
}

function attachmentOf({ name, contentType, url, data }: z.output<typeof attachment>) {
  return { name, contentType, ...defined({ url, data }) };
}

/** The fields that have a value. */
function defined<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: Exclude<Fields[Key], undefined>;
  };
}

/** An id for a message that has none, where its signature covers neither an id nor a time: its exact bytes. */
export function idOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
