import {
  type AgentAnswer,
  type AgentContext,
  DeliveryError,
  type InboundMessage,
  JackfieldError,
  type OpenAgent,
  responseFailure,
} from "@jackfield/core";
import { createStandardSigner, type Signer, secretProblem } from "@jackfield/webhook";
import { type Dispatcher, Agent as Pool } from "undici";
import type { AgentOptions } from "./open-agent.ts";
import { parseAnswer } from "./parse-answer.ts";
import { turnParams } from "./turn-params.ts";

/** The largest answer that is read, in bytes. */
const maxAnswerBytes = 1_048_576;

/** An agent behind an endpoint: each turn is a POST, and its answer the answer. */
export async function openUrlAgent(url: string, { config, clock }: AgentOptions): Promise<OpenAgent> {
  if (!URL.canParse(url)) throw invalid("agent.url is no URL: write it like http://127.0.0.1:9000/agent");
  const signer = config.secret === undefined ? undefined : signerOf(config.secret);
  // The turn has the only deadline.
  const pool = new Pool({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  const { origin, pathname, search } = new URL(url);
  const request = `POST ${origin}`;

  async function run(message: InboundMessage, context: AgentContext): Promise<AgentAnswer> {
    const { signal, turn } = context;
    const body = JSON.stringify(turnParams(message, context));
    const headers = ["content-type", "application/json", "idempotency-key", turn.operationId];
    if (signer) {
      headers.push(...signer({ id: turn.operationId, timestamp: Math.floor(clock.now() / 1000), body }));
    }
    const options = { origin, path: pathname + search, method: "POST" as const, headers, body, signal };
    const response = await failingAs(request, signal, () => pool.request(options));
    const { statusCode: status } = response;
    if (status < 200 || status > 299) {
      // The status has said what happened: the rest may never come.
      response.body.on("error", () => undefined).destroy();
      const retryAfter = response.headers["retry-after"];
      throw responseFailure(request, { status, retryAfter }, clock.now());
    }
    const type = String(response.headers["content-type"] ?? "").toLowerCase();
    if (type.startsWith("text/plain")) return textOf(response.body, request, signal);
    const text = await failingAs(request, signal, () => wholeOf(response.body, request));
    return text === "" ? undefined : parseAnswer(jsonOf(text, request));
  }

  return { run, close: () => pool.destroy() };
}

function signerOf(secret: string): Signer {
  if (secretProblem("standard", secret) === undefined) return createStandardSigner([secret]);
  throw invalid(
    'agent.secret is no key of Standard Webhooks: make one with: echo "whsec_$(openssl rand -base64 32)"',
  );
}

function invalid(what: string): JackfieldError {
  return new JackfieldError("AGENT_INVALID", what);
}

/** The pieces of a text as they come. */
async function* textOf(
  body: Dispatcher.ResponseData["body"],
  request: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let length = 0;
  const pieces = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await failingAs(request, signal, () => pieces.next());
      if (!done) {
        length += value.length;
        assertLength(length, request);
      }
      const text = decoder.decode(value, { stream: !done });
      if (text !== "") yield text;
      if (done) return;
    }
  } finally {
    // Who stops listening, or has heard too much, leaves no connection behind.
    await pieces.return?.();
  }
}

async function wholeOf(body: Dispatcher.ResponseData["body"], request: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    assertLength(length, request);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function assertLength(length: number, request: string): void {
  if (length <= maxAnswerBytes) return;
  throw new DeliveryError(`${request} answered with more than ${maxAnswerBytes} bytes`, {
    kind: "rejected",
    ambiguous: true,
  });
}

function jsonOf(text: string, request: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeliveryError(`${request} answered with something that is neither JSON nor text/plain`, {
      kind: "unknown",
      ambiguous: true,
      cause,
    });
  }
}

/** Codes of waits that took too long, by undici's measure or the system's. */
const timeoutCodes = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** What goes wrong on the way is the network's failure; an abort is the turn's own. */
async function failingAs<Result>(
  request: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof DeliveryError) throw cause;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "it failed";
    throw new DeliveryError(
      `${request} could not be completed: ${code}; check that the agent listens there`,
      {
        kind: timeoutCodes.has(code) ? "timeout" : "network",
        ambiguous: true,
        cause,
      },
    );
  }
}
