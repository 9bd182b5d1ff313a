import { isJackfieldError } from "@jackfield/core";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod";
import type { Access } from "../access.ts";
import type { AppParts } from "../app.ts";
import { openApiDocument } from "./openapi.ts";
import { type Route, routes } from "./routes.ts";

/** The largest body that the API takes, in bytes. */
const maxBodyBytes = 1_048_576;

/** The status for an error of ours; whatever is not here is not the request's fault. */
const statuses: Readonly<Record<string, ContentfulStatusCode>> = {
  BAD_REQUEST: 400,
  NOT_FOUND: 404,
  CHANNEL_UNKNOWN: 404,
  IDEMPOTENCY_CONFLICT: 409,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_RESERVED: 422,
  DELIVERY_BLOCKED: 422,
  STORE_REFUSED: 422,
};

/** The HTTP API, `/api/v1`. */
export function createApi(parts: AppParts, access: Access): Hono {
  const api = new Hono();
  let document: object | undefined;
  api.get("/openapi.json", (c) => {
    document ??= openApiDocument();
    return access(c.req.raw, "read") ?? c.json(document);
  });
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (c) => failure(c, "TOO_LARGE", `the body is larger than ${maxBodyBytes} bytes`),
  });
  for (const route of routes) {
    const wish = route.method === "get" ? "read" : "write";
    const guard = async (c: Context, next: () => Promise<void>) => access(c.req.raw, wish) ?? next();
    api.on(route.method, route.path.replace("{id}", ":id"), guard, limit, (c) => run(parts, route, c));
  }
  const methods = Map.groupBy(routes, ({ path }) => path);
  for (const [path, all] of methods) {
    const allow = all.map(({ method }) => method.toUpperCase()).join(", ");
    // An id of a delivery is in the way of the commands: those are there for POST.
    if (!path.includes("{id}")) api.all(path, (c) => c.body(null, 405, { allow }));
  }
  return api;
}

async function run(parts: AppParts, route: Route, c: Context): Promise<Response> {
  try {
    const query = route.query ? parse(route.query, c.req.query()) : undefined;
    if (query && "problem" in query) return failure(c, "BAD_REQUEST", query.problem);
    const json = route.body ? await jsonOf(c) : { value: undefined };
    if ("code" in json) return failure(c, json.code, json.problem);
    const body = route.body ? parse(route.body, json.value) : undefined;
    if (body && "problem" in body) return failure(c, "BAD_REQUEST", body.problem);
    const input = { query: query?.value, body: body?.value, id: c.req.param("id") ?? "" };
    return Response.json(await route.run(parts, input), { status: route.status });
  } catch (error) {
    if (isJackfieldError(error) && error.code in statuses) return failure(c, error.code, error.message);
    parts.onEvent({ type: "api_failed", path: c.req.path, error });
    const message = isJackfieldError(error) ? error.message : "something went wrong; the log says what";
    return Response.json({ error: { code: "UNAVAILABLE", message } }, { status: 503 });
  }
}

type Parsed = { readonly value: unknown } | { readonly problem: string };

function parse(schema: z.ZodType, value: unknown): Parsed {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the body"}: ${message}`,
  );
  return { problem: problems.join("; ") };
}

async function jsonOf(
  c: Context,
): Promise<{ readonly value: unknown } | { readonly code: string; readonly problem: string }> {
  if (!/^application\/json(?:;|$)/i.test(c.req.header("content-type") ?? "")) {
    return { code: "UNSUPPORTED_MEDIA_TYPE", problem: "send JSON, and content-type: application/json" };
  }
  try {
    return { value: await c.req.json() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { code: "BAD_REQUEST", problem: "the body is not JSON" };
  }
}

function failure(c: Context, code: string, message: string): Response {
  return c.json({ error: { code, message } }, statuses[code] ?? 400);
}
