import { type AgentAnswer, JackfieldError, type JsonValue } from "@jackfield/core";
import * as z from "zod";

const attachment = z.object({
  name: z.string(),
  contentType: z.string(),
  url: z.string().exactOptional(),
  data: z.string().exactOptional(),
});

const message = z.object({
  content: z.string(),
  channel: z.string().exactOptional(),
  recipient: z.string().exactOptional(),
  threadId: z.string().exactOptional(),
  subject: z.string().exactOptional(),
  attachments: z.array(attachment).exactOptional(),
  data: z.custom<JsonValue>(() => true).exactOptional(),
  idempotencyKey: z.string().exactOptional(),
});

const answer = z.union([z.string(), message, z.array(z.union([z.string(), message])), z.null()]);

/** A message that an agent sends during its turn. */
export const sentMessage = z.union([z.string(), message]);

/**
 * What came over the wire, as an answer.
 *
 * @throws JackfieldError `AGENT_ANSWER_INVALID`
 */
export function parseAnswer(value: unknown): Exclude<AgentAnswer, AsyncIterable<string>> {
  const parsed = answer.safeParse(value ?? null);
  if (parsed.success) return parsed.data;
  const what = Array.isArray(value)
    ? "a list"
    : typeof value === "object"
      ? "an object"
      : `a ${typeof value}`;
  throw new JackfieldError(
    "AGENT_ANSWER_INVALID",
    `the agent answered with ${what} that is no answer: it may answer with text, {"content": "..."}, a list of these, or null`,
  );
}
