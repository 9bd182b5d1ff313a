import {
  type Channel,
  type ChannelHost,
  type ChannelType,
  DeliveryError,
  defineChannel,
  httpUrl,
  type OutboundMessage,
  responseFailure,
  retryFields,
  secret,
} from "@jackfield/core";
import * as z from "zod";
import { httpRemote } from "./http-remote.ts";
import type { ContractSubject } from "./subject.ts";

const pagerConfig = z.strictObject({
  ...retryFields,
  url: httpUrl().describe("Where the pager is rung."),
  token: secret().describe("The token of the pager service."),
  timeoutMs: z.int().min(1).default(1_000).describe("How long a ring may take, in milliseconds."),
});
export type PagerConfig = typeof pagerConfig;
export type PagerType = ChannelType<PagerConfig>;

/** For the tests of this folder: a channel type as small as one over HTTP can be that keeps the contract. */
export const pager: PagerType = defineChannel({
  contract: 1,
  type: "pager",
  description: "Rings a pager.",
  config: pagerConfig,
  capabilities: { carries: ["subject", "data"], members: ["probe"] },
  create: createPager,
});

function createPager({ url, token, timeoutMs }: z.output<PagerConfig>, host: ChannelHost): Channel {
  const ring = (init: RequestInit, signal?: AbortSignal) => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const headers = { authorization: `Bearer ${token}` };
    return fetch(url, {
      redirect: "manual",
      headers,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...init,
    });
  };
  return {
    id: host.id,
    capabilities: pager.capabilities,
    async deliver(message, { signal }) {
      const response = await ring({ method: "POST", body: bodyOf(message) }, signal).catch((cause) => {
        signal?.throwIfAborted();
        throw failureOf(cause);
      });
      const { status } = response;
      if (response.ok) return { status };
      const retryAfter = response.headers.get("retry-after") ?? undefined;
      throw responseFailure("POST to the pager", { status, retryAfter }, host.clock.now());
    },
    async probe() {
      try {
        const { ok, status } = await ring({ method: "HEAD" });
        return { ok, detail: `the pager service answers ${status}` };
      } catch (error) {
        return { ok: false, detail: failureOf(error).message };
      }
    },
  };
}

function bodyOf({ content, subject, data }: OutboundMessage): string {
  return JSON.stringify({ content, subject, data });
}

function failureOf(cause: unknown): DeliveryError {
  if (cause instanceof DOMException && cause.name === "TimeoutError") {
    return new DeliveryError("the pager service does not answer", {
      kind: "timeout",
      ambiguous: true,
      cause,
    });
  }
  const isRefused = codeOf(cause) === "ECONNREFUSED";
  return new DeliveryError("the pager service is out of reach", {
    kind: "network",
    ambiguous: !isRefused,
    cause,
  });
}

function codeOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}

const token = "t0p-s3cret-t0ken";

export const pagerSubject: ContractSubject<PagerConfig> = {
  type: pager,
  remote: httpRemote((url) => ({ url, token, timeoutMs: 250 })),
  secrets: [token],
  patienceMs: 1_000,
};
