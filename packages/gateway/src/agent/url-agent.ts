import {
  type AgentAnswer,
  type AgentContext,
  createId,
  DeliveryError,
  type InboundMessage,
  type OpenAgent,
  responseFailure,
} from "@jackfield/core";
import { createStandardSigner } from "@jackfield/webhook";
import { type Dispatcher, Agent as Pool } from "undici";
import type { AgentOptions } from "./open-agent.ts";
import { parseAnswer } from "./parse-answer.ts";
import { turnParams } from "./turn-params.ts";

/** The largest answer that is read, in bytes. */
const maxAnswerBytes = 1_048_576;

/** An agent behind an endpoint: each turn is a POST, and its answer the answer. */
export async function openUrlAgent(url: string, { config, clock }: AgentOptions): Promise<OpenAgent> {
  // The turn has the only deadline.
  const pool = new Pool({ headersTimeout: 0, bodyTimeout: 0, allowH2: false });
  const signer = config.secret === undefined ? undefined : createStandardSigner([config.secret]);
  const { origin, pathname, search } = new URL(url);
  const request = `POST ${origin}`;

  async function run(message: InboundMessage, context: AgentContext): Promise<AgentAnswer> {
    const { signal, turn } = context;
    const body = JSON.stringify(turnParams(message, context));
    const headers = ["content-type", "application/json", "idempotency-key", turn.operationId];
    if (signer) {
      const now = clock.now();
      headers.push(...signer({ id: createId("msg", now), timestamp: Math.floor(now / 1000), body }));
    }
    const options = { origin, path: pathname + search, method: "POST" as const, headers, body, signal };
    const response = await failingAs(request, signal, () => pool.request(options));
    const { statusCode: status } = response;
    if (status < 200 || status > 299) {
      await response.body.dump();
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

/** The pieces of a text as they come. */
async function* textOf(
  body: Dispatcher.ResponseData["body"],
  request: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let length = 0;
  const pieces = body[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await failingAs(request, signal, () => pieces.next());
    if (done) break;
    length += value.length;
    assertLength(length, request);
    const text = decoder.decode(value, { stream: true });
    if (text !== "") yield text;
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
        kind: "network",
        ambiguous: true,
        cause,
      },
    );
  }
}
