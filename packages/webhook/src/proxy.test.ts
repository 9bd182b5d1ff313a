import { once } from "node:events";
import { createServer, request as sendRequest } from "node:http";
import { createSecureServer } from "node:http2";
import { type AddressInfo, connect } from "node:net";
import { closedPort, createReceiver, delay, silence, status, testCertificate } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { deliver, failureOf, openTestChannel, sendTo } from "./test-support.ts";

/** An HTTP proxy that forwards http, tunnels the rest, and notes what it was asked for. */
interface TestProxy extends AsyncDisposable {
  readonly url: string;
  /** `POST http://...` for what was forwarded, `CONNECT host:port` for what was tunnelled. */
  readonly asked: readonly string[];
  readonly credentials: readonly (string | undefined)[];
}

/** @param answer what it answers in place of its work, where it is not to work */
async function startProxy(answer?: number): Promise<TestProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    credentials.push(incoming.headers["proxy-authorization"]);
    if (answer !== undefined) {
      response.writeHead(answer).end();
      return;
    }
    const { method = "", url = "", headers } = incoming;
    const outgoing = sendRequest(url, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on("connect", (incoming, socket) => {
    asked.push(`CONNECT ${incoming.url}`);
    credentials.push(incoming.headers["proxy-authorization"]);
    if (answer !== undefined) {
      socket.end(`HTTP/1.1 ${answer} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(new URL(`http://${incoming.url}`).port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    credentials,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe("with a proxyUrl", () => {
  test("a message to http is forwarded by the proxy", async () => {
    await using receiver = await createReceiver();
    await using proxy = await startProxy();
    const { delivered } = await sendTo(receiver.url, { proxyUrl: proxy.url });
    expect(delivered?.receipt.status).toBe(200);
    expect(proxy.asked).toEqual([`POST ${receiver.url}`]);
    expect(receiver.requests[0]?.body.toString()).toBe('{"content":"hello"}');
  });

  test("a message to https is tunnelled by the proxy, as HTTP/1.1", async () => {
    const protocols: (string | false | null)[] = [];
    const server = createSecureServer({ ...testCertificate, allowHTTP1: true }, (_request, response) =>
      response.end(),
    );
    server.on("secureConnection", (socket) => protocols.push(socket.alpnProtocol));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await using proxy = await startProxy();
    const config = { proxyUrl: proxy.url, ca: testCertificate.cert };
    const { delivered } = await sendTo(`https://localhost:${port}/hook`, config);
    server.close();
    expect(delivered?.receipt.status).toBe(200);
    expect(proxy.asked).toEqual([`CONNECT localhost:${port}`]);
    expect(protocols).toEqual(["http/1.1"]);
  });

  test("the receiver's certificate is verified all the same", async () => {
    await using receiver = await createReceiver({ tls: testCertificate });
    await using proxy = await startProxy();
    const failure = await failureOf(receiver.url, { proxyUrl: proxy.url });
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(receiver.requests).toHaveLength(0);
  });

  test.each(["http", "https"])("its user and password are shown to the proxy (%s)", async (scheme) => {
    await using receiver = await createReceiver(scheme === "https" ? { tls: testCertificate } : {});
    await using proxy = await startProxy();
    const proxyUrl = proxy.url.replace("//", "//user:pass@");
    await sendTo(receiver.url, { proxyUrl, ca: testCertificate.cert });
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from("user:pass").toString("base64")}`]);
  });

  test.each([
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "[::1]",
    "[::ffff:7f00:1]",
    "169.254.169.254",
  ])("a refused address (%s) is not shown to the proxy", async (host) => {
    await using proxy = await startProxy();
    for (const scheme of ["http", "https"]) {
      const failure = await failureOf(`${scheme}://${host}:9/hook`, {
        proxyUrl: proxy.url,
        allowPrivateNetwork: false,
      });
      expect(failure).toMatchObject({ kind: "blocked", ambiguous: false });
    }
    expect(proxy.asked).toEqual([]);
  });

  test("a refused address that allowHosts has is reached", async () => {
    await using receiver = await createReceiver();
    await using proxy = await startProxy();
    const config = { proxyUrl: proxy.url, allowPrivateNetwork: false, allowHosts: ["127.0.0.1"] };
    expect((await sendTo(receiver.url, config)).delivered).toBeDefined();
    expect(proxy.asked).toHaveLength(1);
  });

  test("a name is the proxy's to resolve", async () => {
    await using proxy = await startProxy(200);
    const config = { proxyUrl: proxy.url, allowPrivateNetwork: false };
    expect((await sendTo("http://receiver.invalid/hook", config)).delivered).toBeDefined();
    expect(proxy.asked).toEqual(["POST http://receiver.invalid/hook"]);
  });

  test.each(["http", "https"])("maxConcurrency holds for %s", async (scheme) => {
    let present = 0;
    let most = 0;
    await using receiver = await createReceiver({
      ...(scheme === "https" ? { tls: testCertificate } : {}),
      afterScript: async (exchange) => {
        present += 1;
        most = Math.max(most, present);
        await delay(5, status(200))(exchange);
        present -= 1;
      },
    });
    await using proxy = await startProxy();
    await using open = await openTestChannel(receiver.url, {
      proxyUrl: proxy.url,
      ca: testCertificate.cert,
      maxConcurrency: 2,
    });
    await Promise.all(Array.from({ length: 10 }, () => deliver(open.channel)));
    expect(receiver.requests).toHaveLength(10);
    expect(most).toBe(2);
  });

  test("the deadline holds", async () => {
    await using receiver = await createReceiver({ script: [silence()] });
    await using proxy = await startProxy();
    const failure = await failureOf(receiver.url, { proxyUrl: proxy.url, timeoutMs: 60 });
    expect(failure).toMatchObject({ kind: "timeout", ambiguous: true });
  });

  test("a proxy that is not there is named", async () => {
    await using port = await closedPort();
    const proxy = new URL(port.url).origin;
    const failure = await failureOf("http://receiver.invalid/hook", { proxyUrl: proxy });
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toBe(
      `POST http://receiver.invalid through ${proxy} could not connect: nothing listens there: check the host and port of proxyUrl (ECONNREFUSED)`,
    );
  });

  test.each(["http", "https"])(
    "a proxy that asks for credentials (%s) is not asked again",
    async (scheme) => {
      await using proxy = await startProxy(407);
      const { error } = await sendTo(`${scheme}://receiver.invalid/hook`, { proxyUrl: proxy.url });
      expect(error?.attempts).toHaveLength(1);
      expect(error?.cause).toMatchObject({ kind: "rejected", status: 407, ambiguous: false });
      expect(error?.cause.message).toBe(
        `POST ${scheme}://receiver.invalid through ${proxy.url} was turned away by the proxy (407): put a user and password into proxyUrl`,
      );
    },
  );

  test("a proxy that does not open the tunnel is a failure of the network, and nothing has arrived", async () => {
    await using proxy = await startProxy(503);
    const failure = await failureOf("https://receiver.invalid/hook", { proxyUrl: proxy.url });
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toContain("503");
  });
});
