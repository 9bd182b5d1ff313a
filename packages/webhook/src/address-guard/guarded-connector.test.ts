import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { Pool } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import {
  type AddressGuard,
  AddressRefusedError,
  createAddressGuard,
  type Resolver,
} from "./address-guard.ts";
import { createGuardedConnector } from "./guarded-connector.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface CountingServer {
  readonly port: number;
  /** TCP connections accepted so far. */
  readonly connections: number;
}

async function listen(server: Server): Promise<CountingServer> {
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(async () => {
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get connections() {
      return connections;
    },
  };
}

function listenHttp(): Promise<CountingServer> {
  return listen(createServer((_request, response) => response.end("hello")));
}

function poolOf(origin: string, guard: AddressGuard): Pool {
  const pool = new Pool(origin, { connect: createGuardedConnector(guard, { timeout: 5000 }) });
  closers.push(() => pool.destroy());
  return pool;
}

function guardOf(allowHosts: string[], resolver?: Resolver): AddressGuard {
  return createAddressGuard({ allowHosts, allowPrivateNetwork: false }, resolver);
}

/** A resolver whose lookups give these addresses, one each, and then the last one. */
function answering(...addresses: string[]): Resolver {
  let lookups = 0;
  return (_hostname, _options, callback) => {
    const address = addresses[Math.min(lookups, addresses.length - 1)] ?? "";
    lookups += 1;
    callback(null, [{ address, family: 4 }]);
  };
}

/** The body of a GET through the pool. */
async function get(pool: Pool): Promise<string> {
  const { body } = await pool.request({ path: "/", method: "GET", reset: true });
  return body.text();
}

describe("a request through a pool", () => {
  it.each(["127.0.0.1", "localhost", "[::ffff:7f00:1]", "2130706433"])(
    "to %s fails with the refusal, and the server sees no connection",
    async (host) => {
      const server = await listenHttp();
      const error = await get(poolOf(`http://${host}:${server.port}`, guardOf([]))).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(AddressRefusedError);
      expect(error.refusal.range.name).toMatch(/^Loopback/);
      expect(server.connections).toBe(0);
    },
  );

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["localhost", "localhost"],
    ["[::ffff:7f00:1]", "127.0.0.0/8"],
  ])("to %s arrives with allowHosts = [%j]", async (host, entry) => {
    const server = await listenHttp();
    expect(await get(poolOf(`http://${host}:${server.port}`, guardOf([entry])))).toBe("hello");
    expect(server.connections).toBe(1);
  });

  // Not every system resolves the name with its dot, so the resolver is a stand-in.
  it('to localhost. arrives with allowHosts = ["localhost"]', async () => {
    const server = await listenHttp();
    const guard = guardOf(["localhost"], answering("127.0.0.1"));
    expect(await get(poolOf(`http://localhost.:${server.port}`, guard))).toBe("hello");
  });

  it("fails over TLS, too, before a connection is made", async () => {
    const server = await listen(createTcpServer());
    const error = await get(poolOf(`https://localhost:${server.port}`, guardOf([]))).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(AddressRefusedError);
    expect(server.connections).toBe(0);
  });

  it("fails for each of the requests that wait for the connection", async () => {
    const server = await listenHttp();
    const pool = poolOf(`http://127.0.0.1:${server.port}`, guardOf([]));
    const outcomes = await Promise.allSettled([get(pool), get(pool), get(pool)]);
    const refused = outcomes.filter(
      (outcome) => outcome.status === "rejected" && outcome.reason instanceof AddressRefusedError,
    );
    expect(refused).toHaveLength(3);
    expect(server.connections).toBe(0);
  });

  it("resolves the name for each connection, and refuses the one for which it has changed", async () => {
    const server = await listenHttp();
    const rebinding = guardOf(["127.0.0.1"], answering("127.0.0.1", "127.0.0.2"));
    const pool = poolOf(`http://receiver.example:${server.port}`, rebinding);
    expect(await get(pool)).toBe("hello");
    const error = await get(pool).catch((thrown) => thrown);
    expect(error.refusal).toMatchObject({ address: "127.0.0.2", hostname: "receiver.example" });
    expect(server.connections).toBe(1);
  });
});

it("destroys a connection whose peer the guard does not admit", async () => {
  let requests = 0;
  const server = await listen(
    createServer((_request, response) => {
      requests += 1;
      response.end();
    }),
  );
  const strict = guardOf([]);
  const blindLookup: AddressGuard = {
    ...strict,
    lookup: guardOf(["receiver.example"], answering("127.0.0.1")).lookup,
  };
  const error = await get(poolOf(`http://receiver.example:${server.port}`, blindLookup)).catch(
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AddressRefusedError);
  expect({ connections: server.connections, requests }).toEqual({ connections: 1, requests: 0 });
});

it("names the host in the TLS handshake, not the address it resolved to", async () => {
  const names: string[] = [];
  const server = createTlsServer({
    SNICallback: (name, callback) => {
      names.push(name);
      callback(new Error("no certificate in this test"));
    },
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const { port } = await listen(server);
  const guard = guardOf(["receiver.example"], answering("127.0.0.1"));
  await expect(get(poolOf(`https://receiver.example:${port}`, guard))).rejects.toThrow();
  expect(names).toEqual(["receiver.example"]);
});

it("opens no socket when nothing listens and the host is refused", async () => {
  const connect = createGuardedConnector(guardOf([]));
  const outcome = await new Promise<Error | null>((resolve) =>
    connect({ hostname: "127.0.0.1", protocol: "http:", port: "1" }, (...[error]) => resolve(error)),
  );
  expect(outcome).toBeInstanceOf(AddressRefusedError);
});
