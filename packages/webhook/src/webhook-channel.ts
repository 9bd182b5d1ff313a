import {
  type Attempt,
  type Channel,
  type ChannelHost,
  DeliveryError,
  type OutboundMessage,
  type ProbeResult,
  type Receipt,
  version,
} from "@jackfield/core";
import type { Dispatcher } from "undici";
import type { WebhookConfig } from "./config.ts";
import { Deadlines } from "./deadlines.ts";
import { createExcerpt } from "./excerpt.ts";
import { Exchange, type ExchangeRules } from "./exchange.ts";
import { type Format, formats } from "./formats.ts";
import { isHeaderValue } from "./headers.ts";
import { createHmacSigner, createStandardSigner, type Signer } from "./signing/signer.ts";
import { createTransport } from "./transport.ts";
import { webhookCapabilities } from "./webhook.ts";

/** Makes the channel: one pool of connections to one endpoint. */
export function createWebhookChannel(config: WebhookConfig, host: ChannelHost): Channel {
  const format: Format = formats[config.format];
  const url = new URL(config.sendUrl);
  const transport = createTransport(config);
  const signer = createSigner(config);
  const rules: ExchangeRules = {
    request: `${config.sendMethod} ${url.origin}`,
    deadlines: new Deadlines(config.timeoutMs),
    timeoutMs: config.timeoutMs,
    maxResponseBytes: config.maxResponseBytes,
    duplicateStatuses: config.duplicateStatuses,
    excerpt: createExcerpt(secretsOf(config)),
    now: host.clock.now,
  };
  const path = url.pathname + url.search;
  const ownHeaders = [
    "user-agent",
    `jackfield/${version}`,
    ...(config.authHeader === undefined ? [] : ["authorization", config.authHeader]),
    ...Object.entries(config.headers).flat(),
  ];
  const sendHeaders = [...ownHeaders, "content-type", format.contentType];

  function exchange(
    method: Dispatcher.HttpMethod,
    headers: string[],
    body: string | null,
    attempt: Attempt,
    overrides?: Partial<ExchangeRules>,
  ): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const handler = new Exchange(overrides ? { ...rules, ...overrides } : rules, attempt, resolve, reject);
      transport.dispatch({ origin: url.origin, path, method, headers, body }, handler);
    });
  }

  return {
    id: host.id,
    capabilities: {
      ...webhookCapabilities,
      carries: format.carries,
      ...(format.maxContentLength === undefined ? {} : { maxContentLength: format.maxContentLength }),
    },

    async deliver(message, attempt) {
      attempt.signal?.throwIfAborted();
      const body = format.encode(message);
      assertSendable(rules.request, message, body, config.maxRequestBytes);
      const headers = [...sendHeaders, "idempotency-key", message.idempotencyKey];
      if (signer) {
        const timestamp = Math.floor(host.clock.now() / 1000);
        headers.push(...signer({ id: message.id, timestamp, body }));
      }
      return exchange(config.sendMethod, headers, body, attempt);
    },

    async probe(signal) {
      return probeResult(
        exchange(
          "OPTIONS",
          ownHeaders,
          null,
          { number: 1, maybeArrived: false, ...(signal ? { signal } : {}) },
          {
            request: `OPTIONS ${url.origin}`,
          },
        ),
        signal,
      );
    },

    async close() {
      await transport.close();
    },
  };
}

function createSigner({ secret, previousSecrets, signing }: WebhookConfig): Signer | undefined {
  if (secret === undefined || signing === "none") return undefined;
  return signing === "standard"
    ? createStandardSigner([secret, ...previousSecrets])
    : createHmacSigner(secret);
}

function assertSendable(
  request: string,
  message: OutboundMessage,
  body: string,
  maxRequestBytes: number,
): void {
  // No UTF-16 code unit takes more than three bytes: most bodies need no counting.
  if (body.length * 3 > maxRequestBytes) {
    const bytes = Buffer.byteLength(body);
    if (bytes > maxRequestBytes) {
      throw new DeliveryError(
        `${request} is blocked: the body has ${bytes} bytes, maxRequestBytes allows ${maxRequestBytes}`,
        { kind: "blocked", ambiguous: false },
      );
    }
  }
  if (message.idempotencyKey !== message.id && !isHeaderValue(message.idempotencyKey)) {
    throw new DeliveryError(
      `${request} is blocked: the idempotency key has characters that a header cannot carry; use printable ASCII`,
      { kind: "blocked", ambiguous: false },
    );
  }
}

/** An OPTIONS request asks for nothing; any answer but a refusal of our credentials or a server's failure is a good sign. */
async function probeResult(
  exchange: Promise<Receipt>,
  signal: AbortSignal | undefined,
): Promise<ProbeResult> {
  try {
    return { ok: true, detail: `answered ${(await exchange).status} to OPTIONS` };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DeliveryError)) throw error;
    return error.kind === "rejected"
      ? { ok: true, detail: `answered ${error.status} to OPTIONS` }
      : { ok: false, detail: error.message };
  }
}

/** Everything that an answer might echo and nobody is to read. */
function secretsOf(config: WebhookConfig): string[] {
  const { authHeader, headers, secret, previousSecrets } = config;
  return [
    authHeader,
    authHeader?.split(" ").at(-1),
    secret,
    ...previousSecrets,
    ...Object.values(headers),
  ].filter((value) => value !== undefined);
}
