import type { MessageField, OutboundMessage } from "@jackfield/core";

/** How a message becomes the body of a request. */
export interface Format {
  readonly contentType: string;
  /** The message fields, besides its content, that the body has a place for. */
  readonly carries: readonly MessageField[];
  /** The longest content that the platform takes, in UTF-16 code units. */
  readonly maxContentLength?: number;
  /** The same message gives the same text, in any attempt. */
  encode(message: OutboundMessage): string;
}

const json = "application/json";

/** The formats of the webhook channel, by the name that selects them. */
export const formats = {
  /** Our own: `{"content", "recipient"?, "threadId"?, "subject"?, "attachments"?, "data"?}`. */
  jackfield: {
    contentType: json,
    carries: ["recipient", "threadId", "subject", "attachments", "data"],
    encode: (message) => JSON.stringify(payload(message)),
  },
  /** The envelope that Standard Webhooks recommends. */
  standard: {
    contentType: json,
    carries: ["recipient", "threadId", "subject", "attachments", "data"],
    encode: (message) =>
      JSON.stringify({
        type: "message.created",
        timestamp: new Date(message.createdAt).toISOString(),
        data: payload(message),
      }),
  },
  /** What zeroclaw's webhook channel sends. */
  zeroclaw: {
    contentType: json,
    carries: ["recipient", "threadId"],
    encode: ({ content, threadId, recipient }) => JSON.stringify({ content, thread_id: threadId, recipient }),
  },
  /** An incoming webhook of Slack; a thread is the `ts` of its first message. */
  slack: {
    contentType: json,
    carries: ["threadId"],
    maxContentLength: 40_000,
    encode: ({ content, threadId }) => JSON.stringify({ text: content, thread_ts: threadId }),
  },
  /** A webhook of Discord. */
  discord: {
    contentType: json,
    carries: [],
    maxContentLength: 2000,
    encode: ({ content }) => JSON.stringify({ content }),
  },
  /** A workflow of Microsoft Teams that posts an Adaptive Card. */
  teams: {
    contentType: json,
    carries: ["subject"],
    encode: ({ content, subject }) =>
      JSON.stringify({
        type: "message",
        attachments: [
          {
            contentType: "application/vnd.microsoft.card.adaptive",
            content: {
              $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
              type: "AdaptiveCard",
              version: "1.4",
              body: [
                ...(subject === undefined
                  ? []
                  : [{ type: "TextBlock", text: subject, weight: "bolder", wrap: true }]),
                { type: "TextBlock", text: content, wrap: true },
              ],
            },
          },
        ],
      }),
  },
  /** The content and nothing else. */
  text: { contentType: "text/plain; charset=utf-8", carries: [], encode: ({ content }) => content },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;
export const formatNames = Object.keys(formats) as [FormatName, ...FormatName[]];

function payload({ content, recipient, threadId, subject, attachments, data }: OutboundMessage): object {
  // The order of the keys is the order on the wire; JSON leaves out what is undefined.
  return { content, recipient, threadId, subject, attachments, data };
}
