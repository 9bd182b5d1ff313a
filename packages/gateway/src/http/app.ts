import type { GatewaySettings } from "@jackfield/config";
import {
  type Channel,
  type Clock,
  type InboundSink,
  type OpenChannels,
  type Store,
  StoreError,
} from "@jackfield/core";
import { Hono } from "hono";
import type { Metrics } from "../metrics/metrics.ts";
import type { ListenerState } from "../supervisor/supervise.ts";
import { createAccess } from "./access.ts";
import { createApi } from "./api/api.ts";
import type { HttpEvent } from "./http-event.ts";
import { createReadiness } from "./readiness.ts";

/** The channels that take requests, by path. */
export type ChannelRoutes = ReadonlyMap<string, { readonly channel: Channel; readonly sink: InboundSink }>;

/** What is served. What a reload can change is asked for with each request. */
export interface AppParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly settings: () => GatewaySettings;
  readonly routes: () => ChannelRoutes;
  readonly channels: () => OpenChannels;
  readonly listeners: () => readonly ListenerState[];
  readonly isDraining: () => boolean;
  readonly onEvent: (event: HttpEvent) => void;
}

export interface App {
  fetch(request: Request): Response | Promise<Response>;
}

/** Everything that the gateway serves: requests to channels, health, metrics and the API. */
export function createApp(parts: AppParts): App {
  const access = createAccess(parts.settings);
  const readiness = createReadiness(parts);
  const hono = new Hono();
  hono.get("/health", (c) => c.json({ status: "ok" }));
  hono.get("/ready", async (c) => {
    const { isReady, report, details } = await readiness();
    const mayRead = access(c.req.raw, "read") === undefined;
    return c.json(mayRead ? { ...report, ...details } : report, isReady ? 200 : 503);
  });
  hono.get("/metrics", async (c) => {
    const denied = access(c.req.raw, "read");
    if (denied) return denied;
    const { text, contentType } = await parts.metrics.render();
    return c.body(text, 200, { "content-type": contentType });
  });
  hono.route("/api/v1", createApi(parts, access));
  hono.notFound((c) => c.body(null, 404));
  hono.onError((error, c) => {
    parts.onEvent({ type: "api_failed", path: c.req.path, error });
    return c.body(null, 503);
  });

  return {
    fetch(request) {
      // Channels go first, and around the router: theirs is the path that has to be fast.
      const route = parts.routes().get(pathOf(request.url));
      return route ? handle(route, request, parts.onEvent) : hono.fetch(request);
    },
  };
}

async function handle(
  { channel, sink }: { readonly channel: Channel; readonly sink: InboundSink },
  request: Request,
  onEvent: (event: HttpEvent) => void,
): Promise<Response> {
  try {
    return (await channel.handle?.(request, sink)) ?? new Response(null, { status: 404 });
  } catch (error) {
    // Who gave up in the middle of its body reads no answer.
    if (request.signal.aborted) return new Response(null, { status: 400 });
    onEvent({ type: "handle_failed", channel: channel.id, error });
    const reason = error instanceof StoreError ? "not stored" : "failed";
    return Response.json({ error: reason }, { status: 503, headers: { "retry-after": "1" } });
  }
}

/** The path of an absolute URL, as it is written. */
function pathOf(url: string): string {
  const from = url.indexOf("/", url.indexOf("//") + 2);
  const query = url.indexOf("?", from);
  return query === -1 ? url.slice(from) : url.slice(from, query);
}
