import { createHash } from "node:crypto";
import type { OutboundMessage } from "@jackfield/core";

/** What an idempotency key stands for: the content of the message, without what is new in each call. */
export function contentDigest({ id: _id, createdAt: _createdAt, ...content }: OutboundMessage): string {
  return createHash("sha256").update(canonical(content)).digest("base64");
}

/** JSON with the keys of objects in order, so that the same content has the same text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
