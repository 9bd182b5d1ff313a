import { version } from "@jackfield/core";
import { createDocument } from "zod-openapi";
import { type Route, routes } from "./routes.ts";
import { errorBody } from "./schemas.ts";

/** The OpenAPI document of the API, made from the schemas that check its requests. */
export function openApiDocument(): object {
  const paths = Map.groupBy(routes, ({ path }) => `/api/v1${path}`);
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Jackfield",
      version,
      description: "What the command `jackfield` can do, over HTTP.",
    },
    security: [{ token: [] }],
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
    paths: Object.fromEntries(
      [...paths].map(([path, all]) => [
        path,
        Object.fromEntries(all.map((route) => [route.method, operationOf(route)])),
      ]),
    ),
  });
}

function operationOf({ summary, query, body, status, answer, path }: Route) {
  const json = (schema: Route["answer"]) => ({ content: { "application/json": { schema } } });
  const id = { name: "id", in: "path" as const, required: true, schema: { type: "string" as const } };
  return {
    summary,
    ...(path.includes("{id}") ? { parameters: [id] } : {}),
    ...(query ? { requestParams: { query } } : {}),
    ...(body ? { requestBody: { required: true, ...json(body) } } : {}),
    responses: {
      [String(status)]: { description: "Done.", ...json(answer) },
      default: { description: "Why not.", ...json(errorBody) },
    },
  };
}
