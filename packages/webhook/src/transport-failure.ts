import { DeliveryError } from "@jackfield/core";
import { AddressRefusedError } from "./address-guard/address-guard.ts";

/** What to do about an error, by its code. */
export type Advice = Readonly<Record<string, string>>;

/** What to do about the errors that newcomers meet most. */
export const advice: Advice = {
  ECONNREFUSED: "nothing listens there: check the host and port of sendUrl, and that the receiver runs",
  ENOTFOUND: "no such host: check the host of sendUrl",
  EAI_AGAIN: "the name service did not answer: check the network",
  ECONNRESET: "the other side reset the connection",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by itself: put that certificate into ca",
  SELF_SIGNED_CERT_IN_CHAIN:
    "its certificate is signed by an authority of its own: put that authority's into ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate's issuer is not known: put the issuer's certificate into ca",
  CERT_HAS_EXPIRED: "its certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
  ERR_SSL_WRONG_VERSION_NUMBER:
    "the other side does not speak TLS: check the port of sendUrl, and whether it is http://",
  UND_ERR_CONNECT_TIMEOUT: "no connection came within connectTimeoutMs",
  UND_ERR_HEADERS_OVERFLOW: "the answer's headers are too large",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the answer's body has not the length that its headers say",
  UND_ERR_SOCKET: "the other side closed the connection before its answer was complete",
  EHOSTUNREACH: "the host cannot be reached: check the network and the host of sendUrl",
  ENETUNREACH: "the host's network cannot be reached: check the network and the host of sendUrl",
};

/** The same where the connection is one to a proxy. */
export const proxyAdvice: Advice = {
  ...advice,
  ECONNREFUSED: "nothing listens there: check the host and port of proxyUrl",
  ENOTFOUND: "no such host: check the host of proxyUrl",
  EHOSTUNREACH: "the proxy cannot be reached: check the network and the host of proxyUrl",
  ENETUNREACH: "the proxy's network cannot be reached: check the network and the host of proxyUrl",
};

/** How undici words a 407, tunnelled or forwarded. */
const proxyRefusal = /^Proxy (?:response|Authentication Required) \(407\)/;

/** Codes of waits that took too long, by the system's measure or by `connectTimeoutMs`. */
const timeoutCodes = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** Codes of a connection that was lost while it was used. */
const lostCodes = new Set([
  "UND_ERR_SOCKET",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
]);

/** The failure behind an error that came before a connection was there: nothing has been sent. */
export function connectFailure(request: string, error: Error, known: Advice): DeliveryError {
  const refusal = findRefusal(error);
  if (refusal) {
    return new DeliveryError(`${request} is blocked: ${refusal.message}`, {
      kind: "blocked",
      ambiguous: false,
      cause: error,
    });
  }
  if (proxyRefusal.test(error.message)) return refusedByProxy(request, error);
  const code = codeOf(error);
  if (code === "UND_ERR_INVALID_ARG") {
    return new DeliveryError(`${request} cannot be made: ${error.message}`, {
      kind: "blocked",
      ambiguous: false,
      cause: error,
    });
  }
  return new DeliveryError(`${request} could not connect: ${describe(error, code, known)}`, {
    kind: timeoutCodes.has(code) ? "timeout" : "network",
    ambiguous: false,
    cause: error,
  });
}

/** The failure behind an error that came after the request had begun: it may have arrived. */
export function exchangeFailure(request: string, error: Error, known: Advice): DeliveryError {
  if (proxyRefusal.test(error.message)) return refusedByProxy(request, error);
  const code = codeOf(error);
  const kind = timeoutCodes.has(code) ? "timeout" : lostCodes.has(code) ? "network" : "unknown";
  return new DeliveryError(`${request} failed: ${describe(error, code, known)}`, {
    kind,
    ambiguous: true,
    cause: withoutBytes(error),
  });
}

function refusedByProxy(request: string, cause: Error): DeliveryError {
  return new DeliveryError(
    `${request} was turned away by the proxy (407): put a user and password into proxyUrl`,
    { kind: "rejected", status: 407, ambiguous: false, cause },
  );
}

/** undici's parser keeps the bytes that it stumbled on, and a server that echoes may have put a secret among them. */
function withoutBytes(error: Error): Error {
  Reflect.deleteProperty(error, "data");
  return error;
}

function describe(error: Error, code: string, known: Advice): string {
  const text = known[code] ?? error.message;
  return code ? `${text} (${code})` : text;
}

function codeOf(error: Error): string {
  // An end in the middle of an answer that had announced its end: undici's parser has no code for it.
  if (error.message.endsWith("(Invalid EOF state)")) return "UND_ERR_SOCKET";
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function findRefusal(error: unknown): AddressRefusedError | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof AddressRefusedError) return at;
  }
  return undefined;
}
