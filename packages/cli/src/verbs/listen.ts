import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { JackfieldError } from "@jackfield/core";
import {
  type SignedRequest,
  secretProblem,
  type Verification,
  verifyHmac,
  verifyStandard,
} from "@jackfield/webhook";
import { exitCodes } from "../exit-codes.ts";
import { printable, type Terminal } from "../terminal.ts";

interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly respond: readonly number[];
  readonly secret?: string;
  readonly retryAfter?: string;
  readonly count?: number;
  readonly json?: boolean;
}

/** A receiver for development: prints what comes and answers as it was told. */
export async function runListen(terminal: Terminal, options: ListenOptions): Promise<number> {
  const { secret, respond, count } = options;
  assertSecret(secret);
  let received = 0;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    const number = ++received;
    const verification = secret === undefined ? undefined : verify(request, body, secret);
    const status = verification?.ok === false ? 401 : (respond[Math.min(number, respond.length) - 1] ?? 200);
    answer(response, status, options.retryAfter);
    show(terminal, options, { number, request, body, status, verification });
    if (number === count) response.once("close", stop);
  };
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      terminal.err(printable(`a request could not be answered: ${error.message}`));
      response.destroy();
    });
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  try {
    server.listen(options.port, options.host);
    await once(server, "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const advice =
      code === "EADDRINUSE"
        ? "something listens there already: choose another --port"
        : "choose another --host or --port";
    throw new JackfieldError(
      "LISTEN_FAILED",
      `cannot listen on ${options.host}:${options.port} (${code}): ${advice}`,
      { cause: error },
    );
  }
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  terminal.err(`listening on http://${options.host}:${port}/ (Ctrl-C ends it)`);
  process.once("SIGINT", stop).once("SIGTERM", stop);
  // Nobody reads what it prints any more: `jackfield listen | head -1`.
  process.stdout.once("error", stop);
  await once(server, "close");
  process.off("SIGINT", stop).off("SIGTERM", stop);
  process.stdout.off("error", stop);
  return exitCodes.done;
}

function assertSecret(secret: string | undefined): void {
  if (secret === undefined || secret.startsWith("whpk_")) return;
  const problem = secretProblem(/^whs(ec|k)_/.test(secret) ? "standard" : "hmac-sha256", secret);
  if (problem) throw new JackfieldError("USAGE", `--secret ${problem}`);
}

function verify(request: IncomingMessage, body: Buffer, secret: string): Verification {
  const signed: SignedRequest = {
    body,
    header: (name) => {
      const value = request.headers[name];
      return Array.isArray(value) ? value.join(",") : value;
    },
  };
  return /^wh(sec|sk|pk)_/.test(secret)
    ? verifyStandard(signed, [secret], Date.now())
    : verifyHmac(signed, [secret]);
}

function answer(response: ServerResponse, status: number, retryAfter: string | undefined): void {
  const asksToWait = retryAfter !== undefined && (status === 429 || status === 503);
  response.writeHead(status, asksToWait ? { "retry-after": retryAfter } : {});
  response.end();
}

interface Received {
  readonly number: number;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly status: number;
  readonly verification: Verification | undefined;
}

function show(
  terminal: Terminal,
  { json }: ListenOptions,
  { number, request, body, status, verification }: Received,
): void {
  const { method, url: path, headers } = request;
  const { authorization, ...shown } = headers;
  if (json) {
    const signature = verification && (verification.ok ? "valid" : verification.reason);
    const authorized = authorization === undefined ? {} : { authorization: "<set>" };
    terminal.out(
      JSON.stringify({
        number,
        method,
        path,
        headers: { ...shown, ...authorized },
        body: body.toString(),
        signature,
        status,
      }),
    );
    return;
  }
  const signature =
    verification && (verification.ok ? "  signature valid" : `  signature refused: ${verification.reason}`);
  terminal.out(
    printable(
      `${number}  ${method} ${path}  ${headers["webhook-id"] ?? headers["idempotency-key"] ?? ""}${signature ?? ""}`,
    ),
  );
  if (body.length > 0) terminal.out(printable(`   ${body.toString()}`));
  terminal.out(`   answered ${status}`);
}
