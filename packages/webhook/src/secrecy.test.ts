import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { openChannel } from "@jackfield/core";
import {
  type Behaviour,
  closedPort,
  createReceiver,
  type ReceivedRequest,
  rawBytes,
  redirect,
  resetBeforeHeaders,
  silence,
  status,
  testCertificate,
} from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { type ConfigInput, createInstantClock, type Outcome, sendTo } from "./test-support.ts";
import { webhook } from "./webhook.ts";

// Canaries: each is put where a secret stands, and none of them, nor a piece of one, may come out anywhere.

const canaries = {
  secret: "Qm7xVt2LkPz9RbWc4NdYh8Fs5JgXa3Eu6TvKiOoA1lM",
  previousSecret: "Zp4wHn8CyGq1SfVe6BjXk3Mr9DuLt7AaIo5WcNs2PhE",
  token: "tK9/pW3+zX7vB1/nM5cQ",
  header: "hD6&rF2<sG8\"jK4'lZ0",
  query: "qY5tR1eW9uI3oP7a",
  segment: "vL7mJ3xN9cR5wS1dG6hF2kP8",
  proxyPassword: "pX8sV4nC6bM2qL0z",
} as const;

const config: ConfigInput = {
  secret: `whsec_${canaries.secret}=`,
  previousSecrets: [`whsec_${canaries.previousSecret}=`],
  authHeader: `Bearer ${canaries.token}`,
  headers: { "x-api-key": canaries.header },
  maxRetries: 0,
  timeoutMs: 500,
};

const pathAndQuery = `/services/T0/${canaries.segment}?token=${canaries.query}&v=1`;

/** As long as the longest piece of a secret that may be mistaken for a word, and one more. */
const pieceLength = 4;

/** Everything that somebody could print of what came of a message. */
function everythingShownOf({ delivered, error }: Outcome): string {
  const shown = [
    delivered,
    error,
    error?.message,
    error?.stack,
    error?.cause,
    error?.cause.stack,
    error?.attempts,
  ];
  return shown
    .flatMap((value) => [
      inspect(value, { depth: 10, showHidden: true, maxStringLength: null }),
      JSON.stringify(value),
    ])
    .join("\n");
}

function expectNoCanary(text: string): void {
  for (const [name, canary] of Object.entries(canaries)) {
    for (const part of canary.split("/").filter((part) => part.length >= pieceLength)) {
      for (let at = 0; at + pieceLength <= part.length; at += 1) {
        const piece = part.slice(at, at + pieceLength);
        expect(text.includes(piece), `"${piece}" of the ${name} came out`).toBe(false);
      }
    }
  }
}

async function expectSecrecy(sendUrl: string, overrides: ConfigInput = {}): Promise<Outcome> {
  const outcome = await sendTo(sendUrl, { ...config, ...overrides });
  expectNoCanary(everythingShownOf(outcome));
  return outcome;
}

async function expectSecrecyOf(behaviour: Behaviour, overrides: ConfigInput = {}): Promise<Outcome> {
  await using receiver = await createReceiver({ script: [behaviour] });
  const outcome = await expectSecrecy(new URL(pathAndQuery, receiver.url).href, overrides);
  expect(receiver.requests).toHaveLength(1);
  return outcome;
}

/** The request as a debugging page shows it. */
function echo({ method, path, rawHeaders }: ReceivedRequest): string {
  const lines = [`${method} ${path}`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return lines.join("\n");
}

/** @returns the proxyUrl of a server that takes our password */
async function startProxy(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return `http://user:${canaries.proxyPassword}@127.0.0.1:${port}`;
}

const writers: [string, (text: string) => string][] = [
  ["as it is", (text) => text],
  ["in JSON", (text) => JSON.stringify(text)],
  ["in JSON as PHP writes it", (text) => JSON.stringify(text).replaceAll("/", "\\/")],
  [
    "in HTML",
    (text) =>
      text
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;")
        .replaceAll("'", "&#39;"),
  ],
  ["in a form", (text) => encodeURIComponent(text)],
];

describe("a server that echoes the request", () => {
  test.each(writers)("%s gets no secret into a failure", async (_, write) => {
    const { error } = await expectSecrecyOf((exchange) =>
      status(404, { body: write(echo(exchange.request)) })(exchange),
    );
    expect(error?.cause.message).toContain("<redacted>");
  });

  test("gets no secret into a receipt", async () => {
    const { delivered } = await expectSecrecyOf((exchange) =>
      status(200, { body: echo(exchange.request) })(exchange),
    );
    expect(delivered?.receipt.response).toContain("<redacted>");
  });

  test("byte by byte gets no secret into a failure", async () => {
    const { error } = await expectSecrecyOf(async ({ request, response, writeBody }) => {
      response.writeHead(500);
      for (const byte of Buffer.from(echo(request))) await writeBody(Buffer.of(byte));
      response.end();
    });
    expect(error?.cause.message).toContain("<redacted>");
  });

  const halves = Array.from({ length: 21 }, (_, length) => length);

  test.each(halves)("and breaks off %i characters into a secret shows none of it", async (length) => {
    await expectSecrecyOf(async ({ response, writeBody, socket }) => {
      response.writeHead(500, { "content-length": 1000 });
      await writeBody(Buffer.from(`credentials: ${canaries.token.slice(0, length)}`));
      socket.end();
    });
  });

  test.each(halves)("and is cut %i characters into a secret shows none of it", async (length) => {
    await expectSecrecyOf(status(500, { body: `${canaries.token.slice(0, length)}` }), {
      maxResponseBytes: 1,
    });
  });

  test.each([270, 290, 299])(
    "and is shortened after %i characters shows no half of a secret",
    async (length) => {
      const { error } = await expectSecrecyOf((exchange) =>
        status(500, {
          body: `${".".repeat(length)}${exchange.request.headers.authorization}${".".repeat(300)}`,
        })(exchange),
      );
      expect(error?.cause.message).toMatch(/…$/);
    },
  );

  test("with a secret that is longer than what is kept of an answer shows none of it", async () => {
    const authHeader = Array.from({ length: 2500 }, (_, i) => canaries.query[(i * 7) % 16]).join("");
    const { error } = await expectSecrecyOf(
      (exchange) => status(500, { body: `You sent ${exchange.request.headers.authorization}` })(exchange),
      { authHeader },
    );
    expect(error?.cause.message).toMatch(/answered 500: You sent <redacted>$/);
  });

  test("and ends like the beginning of a secret is left as it is where it is whole", async () => {
    await using receiver = await createReceiver({ script: [status(500, { body: "Be a Bear" })] });
    const { error } = await sendTo(receiver.url, config);
    expect(error?.cause.message).toMatch(/answered 500: Be a Bear$/);
  });

  test("in something that is no HTTP gets no secret into the cause", async () => {
    const { error } = await expectSecrecyOf(({ request, socket }) => void socket.end(echo(request)));
    expect(error?.cause.message).toContain("does not match the HTTP/1.1 protocol");
  });

  test("in its headers gets no secret into a failure", async () => {
    await expectSecrecyOf(({ request, socket }) => {
      const value = request.headers.authorization;
      socket.end(
        `HTTP/1.1 429 ${value}\r\nretry-after: ${value}\r\nlocation: ${value}\r\nset-cookie: ${value}\r\ncontent-length: 0\r\n\r\n`,
      );
    });
  });

  test("in the target of a redirect gets no secret into a failure", async () => {
    await expectSecrecyOf((exchange) => redirect(307, exchange.request.path)(exchange));
  });
});

describe("no secret is in", () => {
  test.each<[string, Behaviour, ConfigInput]>([
    ["a refusal", status(401), {}],
    ["a timeout", silence(), { timeoutMs: 40 }],
    ["a reset", resetBeforeHeaders(), {}],
    ["an end", rawBytes("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"), {}],
    ["a success", status(200, { body: "fine" }), {}],
  ])("%s", async (_, behaviour, overrides) => {
    await expectSecrecyOf(behaviour, overrides);
  });

  test("a connection that is refused", async () => {
    await using port = await closedPort();
    const { error } = await expectSecrecy(new URL(pathAndQuery, port.url).href);
    expect(error?.cause.kind).toBe("network");
  });

  test("a name that does not resolve", async () => {
    const { error } = await expectSecrecy(`http://receiver.invalid${pathAndQuery}`);
    expect(error?.cause.kind).toBe("network");
  });

  test("a TLS handshake that fails", async () => {
    await using receiver = await createReceiver({ tls: testCertificate });
    const { error } = await expectSecrecy(new URL(pathAndQuery, receiver.url).href);
    expect(error?.cause.kind).toBe("network");
  });

  test("an address that is refused", async () => {
    const { error } = await expectSecrecy(`http://127.0.0.1:9${pathAndQuery}`, {
      allowPrivateNetwork: false,
    });
    expect(error?.cause.kind).toBe("blocked");
  });

  test("a message that is too large", async () => {
    const { error } = await expectSecrecy(`http://127.0.0.1:9${pathAndQuery}`, { maxRequestBytes: 5 });
    expect(error?.cause.kind).toBe("blocked");
  });

  test.each(["http", "https"])("a proxy's refusal (%s)", async (scheme) => {
    const server = createServer((_request, response) => response.writeHead(407).end(canaries.token));
    server.on("connect", (_request, socket) => socket.end(`HTTP/1.1 407 ${canaries.proxyPassword}\r\n\r\n`));
    const proxyUrl = await startProxy(server);
    const { error } = await expectSecrecy(`${scheme}://receiver.invalid${pathAndQuery}`, { proxyUrl });
    server.close();
    expect(error?.cause.status).toBe(407);
  });

  test("what a proxy echoes", async () => {
    const server = createServer((request, response) =>
      response.writeHead(502).end(JSON.stringify([request.url, request.headers])),
    );
    const proxyUrl = await startProxy(server);
    const { error } = await expectSecrecy(`http://receiver.invalid${pathAndQuery}`, { proxyUrl });
    server.close();
    expect(error?.cause.message).toContain("<redacted>");
    const basic = Buffer.from(`user:${canaries.proxyPassword}`).toString("base64");
    expect(everythingShownOf({ waits: [], ...(error ? { error } : {}) })).not.toContain(basic.slice(8, 20));
  });

  test.each<[string, ConfigInput]>([
    ["a secret without its prefix", { secret: canaries.secret }],
    ["a secret that is not base64", { secret: `whsec_${canaries.secret}*` }],
    ["a secret that is too short", { secret: `whsec_${canaries.secret.slice(0, 16)}` }],
    ["a private key of the wrong length", { secret: `whsk_${canaries.secret.slice(0, 40)}` }],
    ["a former secret", { previousSecrets: [canaries.previousSecret] }],
    ["authHeader", { authHeader: `${canaries.token}\r\n` }],
    ["a header", { headers: { "x-api-key": `${canaries.header}\n` } }],
    ["a reserved header", { headers: { Authorization: canaries.header } }],
    ["sendUrl's password", { sendUrl: `https://user:${canaries.query}@receiver.example/` }],
    ["a URL that is none", { sendUrl: canaries.query }],
    ["a certificate", { ca: canaries.secret }],
    ["a private key", { cert: testCertificate.cert, key: canaries.secret }],
  ])("the problem with %s", async (_, wrong) => {
    const opening = openChannel(
      webhook,
      "test",
      { sendUrl: `https://receiver.example${pathAndQuery}`, ...config, ...wrong },
      { clock: createInstantClock() },
    );
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "CHANNEL_CONFIG_INVALID" });
    expectNoCanary(inspect(error, { depth: 10, showHidden: true }));
  });
});
