import { createHash } from "node:crypto";
import { canonicalJson, type OutboundMessage } from "@jackfield/core";

/** What an idempotency key stands for: the content of the message, without what is new in each call. */
export function contentDigest({ id: _id, createdAt: _createdAt, ...content }: OutboundMessage): string {
  return digestOf(content);
}

/** The same for the same content, whatever the order of its keys. */
export function digestOf(content: object): string {
  return createHash("sha256").update(canonicalJson(content)).digest("base64");
}
