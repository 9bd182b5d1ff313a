import { isUtf8 } from "node:buffer";
import {
  acknowledge,
  type ChannelHost,
  type InboundDraft,
  type InboundSink,
  type JsonValue,
} from "@jackfield/core";
import type { WebhookConfig } from "../config.ts";
import { readBody } from "./read-body.ts";
import { idOfBytes, receiveFormats } from "./receive-formats.ts";
import { createVerifier, type VerifyScheme } from "./verify-scheme.ts";
import { verifySecretsOf } from "./verify-secrets.ts";

/** The most levels that data has: what parses JSON without a limit writes it with one, and so do agents in other languages. */
const mostLevels = 256;

/** The scheme, where a channel takes requests. */
type ReceivingConfig = WebhookConfig & { readonly verify: VerifyScheme };

/**
 * Takes the requests of one channel: reads the raw bytes, verifies them, and only then looks at what they say. What is answered says no
 * more than it must; why a request was turned away is told to the sink.
 */
export function createHandle(config: ReceivingConfig, host: ChannelHost) {
  const { verify: scheme, maxBodyBytes } = config;
  const verifier = createVerifier(scheme, verifySecretsOf(config));
  const format = receiveFormats[receiveFormatOf(config)];

  return async (request: Request, sink: InboundSink): Promise<Response> => {
    const turnAway = (status: number, error: string, reason: string) => {
      sink.turnedAway(reason);
      return Response.json({ error }, { status });
    };
    if (request.method !== "POST") {
      sink.turnedAway(`its method is ${request.method}`);
      return new Response(null, { status: 405, headers: { allow: "POST" } });
    }
    const body = await readBody(request, maxBodyBytes);
    if (!body) return turnAway(413, "too large", `its body is larger than maxBodyBytes = ${maxBodyBytes}`);
    const header = (name: string) => request.headers.get(name) ?? undefined;
    const verification = verifier({ body, header }, host.clock.now());
    if (!verification.ok) return turnAway(401, "not verified", verification.reason);
    const mediaProblem = mediaTypeProblem(header);
    if (mediaProblem !== undefined) return turnAway(415, "not JSON", mediaProblem);
    const text = isUtf8(body) ? Buffer.from(body.buffer, body.byteOffset, body.length).toString() : undefined;
    if (text === undefined) return turnAway(400, "malformed", "its body is not UTF-8");
    const json = parseJson(text);
    if (json === undefined) return turnAway(400, "malformed", "its body is not JSON");
    const read = format({ json, text, channel: host.id, header });
    if ("problem" in read)
      return turnAway(400, "malformed", `its body is not of the format: ${read.problem}`);
    if ("answer" in read) return read.answer;
    if ("ignored" in read) {
      sink.turnedAway(read.ignored);
      return Response.json({ ignored: true }, { status: 202 });
    }
    if (isDeeper(read.draft.data, mostLevels)) {
      return turnAway(400, "malformed", `its data has more than ${mostLevels} levels`);
    }
    return acknowledge(await sink.accept(withId(read.draft, scheme, header, body)));
  };
}

function receiveFormatOf({ receiveFormat, format }: WebhookConfig) {
  return receiveFormat ?? (format === "zeroclaw" ? "zeroclaw" : "jackfield");
}

function mediaTypeProblem(header: (name: string) => string | undefined): string | undefined {
  const encoding = header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") return "its body is compressed";
  const [type = "", ...parameters] = (header("content-type") ?? "").toLowerCase().split(";");
  if (!/^application\/(?:[\w.+-]+\+)?json$/.test(type.trim())) return "its content-type is not JSON";
  const charset = parameters.map((parameter) => parameter.trim()).find((one) => one.startsWith("charset="));
  return charset === undefined || /^charset="?utf-?8"?$/.test(charset)
    ? undefined
    : "its charset is not UTF-8";
}

/** Whether a value has more levels of arrays and objects than that. */
function isDeeper(value: JsonValue | undefined, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Undefined for what is no JSON; JSON itself has no undefined. */
function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The platform's id of a message: its own, else what the scheme signs that is the same in each repeat. */
function withId(
  draft: InboundDraft,
  scheme: VerifyScheme,
  header: (name: string) => string | undefined,
  body: Uint8Array,
): InboundDraft {
  if (draft.remoteId !== undefined || scheme === "none") return draft;
  const signed = scheme === "standard" ? header("webhook-id") : undefined;
  return { ...draft, remoteId: signed ?? idOfBytes(body) };
}
