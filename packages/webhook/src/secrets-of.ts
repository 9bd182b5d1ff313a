import { displayUrl } from "@jackfield/core";
import type { WebhookConfig } from "./config.ts";

/** Everything that an answer might echo and nobody is to read. */
export function secretsOf(config: WebhookConfig): string[] {
  const { authHeader, headers, secret, previousSecrets, verifySecret, previousVerifySecrets } = config;
  const { sendUrl, proxyUrl } = config;
  return [
    authHeader,
    authHeader?.split(" ").at(-1),
    secret,
    ...previousSecrets,
    verifySecret,
    ...previousVerifySecrets,
    ...Object.values(headers),
    ...(sendUrl === undefined ? [] : secretPartsOf(new URL(sendUrl))),
    ...(proxyUrl === undefined ? [] : credentialsOf(new URL(proxyUrl))),
  ].filter((value) => value !== undefined);
}

/** The query string, its values as they are written and as they are meant, and what displayUrl takes for a credential. */
function secretPartsOf({ origin, pathname, search, searchParams }: URL): string[] {
  const written = search.slice(1).split("&");
  return [
    search.slice(1),
    ...written.map((pair) => pair.slice(pair.indexOf("=") + 1)),
    ...searchParams.values(),
    ...pathname.split("/").filter((segment) => displayUrl(`${origin}/${segment}`).endsWith("…")),
  ];
}

/** The password, and what the proxy is shown: Basic authentication, RFC 7617. */
function credentialsOf({ username, password }: URL): string[] {
  const plain = decodeURIComponent(password);
  const shown = Buffer.from(`${decodeURIComponent(username)}:${plain}`).toString("base64");
  return [password, plain, shown];
}
