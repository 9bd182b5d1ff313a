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
import { createHandle } from "./inbound/handle.ts";
import { secretsOf } from "./secrets-of.ts";
import { createHmacSigner, createStandardSigner, type Signer } from "./signing/signer.ts";
import { createTransport } from "./transport.ts";
import { advice, proxyAdvice } from "./transport-failure.ts";
import { webhookCapabilities } from "./webhook.ts";

/** Makes the channel: one that sends has a pool of connections to one endpoint, one that takes requests handles them. */
export function createWebhookChannel(config: WebhookConfig, host: ChannelHost): Channel {
  const { verify, sendUrl } = config;
  const receiving = verify === undefined ? {} : { handle: createHandle({ ...config, verify }, host) };
  const sending = sendUrl === undefined ? createMute(host.id) : createSender({ ...config, sendUrl }, host);
  const members = webhookCapabilities.members.filter((member) => member in receiving || member in sending);
  return { ...sending, ...receiving, capabilities: { ...sending.capabilities, members } };
}

/** A channel that only takes requests. */
function createMute(id: string): Channel {
  return {
    id,
    capabilities: webhookCapabilities,
    deliver: async () => {
      throw new DeliveryError(
        `${id} only takes requests: set its sendUrl, or answer through another channel`,
        {
          kind: "blocked",
          ambiguous: false,
        },
      );
    },
  };
}

function createSender(config: WebhookConfig & { readonly sendUrl: string }, host: ChannelHost): Channel {
  const format: Format = formats[config.format];
  const url = new URL(config.sendUrl);
  const proxy = config.proxyUrl === undefined ? undefined : new URL(config.proxyUrl);
  const transport = createTransport(config);
  const signer = createSigner(config);
  const nameOf = (method: string) => `${method} ${url.origin}${proxy ? ` through ${proxy.origin}` : ""}`;
  const rules: ExchangeRules = {
    request: nameOf(config.sendMethod),
    advice: proxy ? proxyAdvice : advice,
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
  const bodies = new WeakMap<OutboundMessage, string>();
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
      const body = bodies.get(message) ?? encode(rules.request, format, message);
      assertSendable(rules.request, message, body, config.maxRequestBytes);
      const headers = [...sendHeaders, "idempotency-key", message.idempotencyKey];
      if (signer) {
        const timestamp = Math.floor(host.clock.now() / 1000);
        headers.push(...signer({ id: message.id, timestamp, body }));
      }
      try {
        return await exchange(config.sendMethod, headers, body, attempt);
      } catch (error) {
        // The next attempt sends the same bytes, whatever happens to the message's data meanwhile.
        bodies.set(message, body);
        throw error;
      }
    },

    async probe(signal) {
      signal?.throwIfAborted();
      return probeResult(
        exchange(
          "OPTIONS",
          ownHeaders,
          null,
          { number: 1, maybeArrived: false, ...(signal ? { signal } : {}) },
          { request: nameOf("OPTIONS") },
        ),
        signal,
      );
    },

    async close() {
      // No attempt is under way any more: what undici would still wait for is a connection that nobody wants.
      await transport.destroy();
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
  if (message.idempotencyKey !== message.id && !isIdempotencyKey(message.idempotencyKey)) {
    throw new DeliveryError(
      `${request} is blocked: the idempotency key is empty, or has blanks around it or characters that a header cannot carry; use printable ASCII`,
      { kind: "blocked", ambiguous: false },
    );
  }
}

function encode(request: string, format: Format, message: OutboundMessage): string {
  try {
    return format.encode(message);
  } catch (cause) {
    throw new DeliveryError(`${request} is blocked: the message cannot be written as JSON`, {
      kind: "blocked",
      ambiguous: false,
      cause,
    });
  }
}

/** HTTP drops the blanks around a header's value, and two keys would become one. */
function isIdempotencyKey(key: string): boolean {
  return key !== "" && key === key.trim() && isHeaderValue(key);
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
