import type { Dispatcher } from "undici";
import { Pool, ProxyAgent } from "undici";
import { createAddressGuard } from "./address-guard/address-guard.ts";
import { createGuardedConnector } from "./address-guard/guarded-connector.ts";
import type { WebhookConfig } from "./config.ts";

/**
 * The connections to the endpoint: HTTP/1.1 with keep-alive, at most `maxConcurrency`, each made under the address guard.
 *
 * undici's own timeouts are off, because the exchange has one deadline for everything.
 */
export function createTransport(config: WebhookConfig): Dispatcher {
  const { ca, cert, key } = config;
  const tls = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
  const shared = {
    connections: config.maxConcurrency,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  } as const;
  const guard = createAddressGuard(config);
  if (config.proxyUrl === undefined) {
    const connect = createGuardedConnector(guard, {
      ...tls,
      timeout: config.connectTimeoutMs,
      allowH2: false,
    });
    return new Pool(new URL(config.sendUrl).origin, { ...shared, connect });
  }
  return new ProxyAgent({
    ...shared,
    uri: config.proxyUrl,
    requestTls: tls,
    connectTimeout: config.connectTimeoutMs,
  });
}
