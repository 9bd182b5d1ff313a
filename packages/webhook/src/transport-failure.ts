import { DeliveryError } from "@jackfield/core";
import { AddressRefusedError } from "./address-guard/address-guard.ts";

/** What to do about the errors that newcomers meet most. */
const advice: Readonly<Record<string, string>> = {
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
  UND_ERR_SOCKET: "the other side closed the connection before it had answered",
};

/** Codes of waits that took too long, by the system's measure or by `connectTimeoutMs`. */
const timeoutCodes = new Set(["UND_ERR_CONNECT_TIMEOUT", "ETIMEDOUT"]);

/** Codes of a connection that was lost while it was used. */
const lostCodes = new Set([
  "UND_ERR_SOCKET",
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
]);

/** The failure behind an error that came before a connection was there: nothing has been sent. */
export function connectFailure(request: string, error: Error): DeliveryError {
  const refusal = findRefusal(error);
  if (refusal) {
    return new DeliveryError(`${request} is blocked: ${refusal.message}`, {
      kind: "blocked",
      ambiguous: false,
      cause: error,
    });
  }
  const code = codeOf(error);
  if (code === "UND_ERR_INVALID_ARG") {
    return new DeliveryError(`${request} cannot be made: ${error.message}`, {
      kind: "blocked",
      ambiguous: false,
      cause: error,
    });
  }
  return new DeliveryError(`${request} could not connect: ${describe(error, code)}`, {
    kind: timeoutCodes.has(code) ? "timeout" : "network",
    ambiguous: false,
    cause: error,
  });
}

/** The failure behind an error that came after the request had begun: it may have arrived. */
export function exchangeFailure(request: string, error: Error): DeliveryError {
  const code = codeOf(error);
  const kind = timeoutCodes.has(code) ? "timeout" : lostCodes.has(code) ? "network" : "unknown";
  return new DeliveryError(`${request} failed: ${describe(error, code)}`, {
    kind,
    ambiguous: true,
    cause: error,
  });
}

function describe(error: Error, code: string): string {
  const text = advice[code] ?? error.message;
  return code ? `${text} (${code})` : text;
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function findRefusal(error: unknown): AddressRefusedError | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof AddressRefusedError) return at;
  }
  return undefined;
}
