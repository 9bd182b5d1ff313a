import type { Dispatcher } from "undici";
import { Pool, ProxyAgent } from "undici";
import { createAddressGuard } from "./address-guard/address-guard.ts";
import { createGuardedConnector } from "./address-guard/guarded-connector.ts";
import type { WebhookConfig } from "./config.ts";
import { createPunctualConnector } from "./punctual-connector.ts";

/**
 * The connections to the endpoint: HTTP/1.1 with keep-alive, at most `maxConcurrency`, each made under the address guard.
 *
 * undici's own timeouts are off, because the exchange has one deadline for everything.
 */
export function createTransport(config: WebhookConfig & { readonly sendUrl: string }): Dispatcher {
  const { ca, cert, key, connectTimeoutMs } = config;
  const tls = {
    ...(ca ? { ca } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
    allowH2: false,
  };
  const shared = { connections: config.maxConcurrency, headersTimeout: 0, bodyTimeout: 0 };
  const { origin, hostname } = new URL(config.sendUrl);
  const guard = createAddressGuard(config);
  // An address that the guard refuses is not for a proxy to see either: the guarded connector turns it away.
  if (config.proxyUrl === undefined || guard.checkHost(hostname)) {
    const connect = createGuardedConnector(guard, { ...tls, timeout: connectTimeoutMs });
    return new Pool(origin, { ...shared, connect: createPunctualConnector(connect, connectTimeoutMs) });
  }
  return new ProxyAgent({
    ...shared,
    uri: config.proxyUrl,
    requestTls: tls,
    connectTimeout: connectTimeoutMs,
    // The ProxyAgent keeps the shared options to itself when it forwards instead of tunnelling.
    factory: (target, options) => new Pool(target, { ...options, ...shared }),
  });
}
