import type { Behaviour } from "./exchange.ts";

/** Header fields; several values for a name are sent as several fields. */
export type HeaderFields = Readonly<Record<string, string | readonly string[]>>;

export interface StatusOptions {
  readonly headers?: HeaderFields;
  readonly body?: string | Uint8Array;
}

/** A proper answer with this final status code (200 to 999) and, unless the headers say otherwise, a content-length. */
export function status(code: number, { headers = {}, body = "" }: StatusOptions = {}): Behaviour {
  requireCode("status", code, 200, 999, "For 1xx use interim().");
  const fields = flatten(headers);
  const bytes = Buffer.from(body);
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const isFramed = names.includes("content-length") || names.includes("transfer-encoding");
  if (!isFramed && code !== 204 && code !== 304) fields.push("content-length", String(bytes.length));
  return ({ response }) => {
    response.writeHead(code, fields).end(bytes);
  };
}

/**
 * A status with a Retry-After (RFC 9110 section 10.2.3), sent as it is given, however absurd. Several values are sent
 * as several header fields.
 *
 * @example
 * retryAfter(429, 2); retryAfter(503, "inf"); retryAfter(429, ["1", "3600"]);
 */
export function retryAfter(code: number, value: string | number | readonly (string | number)[]): Behaviour {
  const values = typeof value === "object" ? value : [value];
  return status(code, { headers: { "retry-after": values.map(String) } });
}

/** A redirect (300 to 399) with this Location, sent as it is given. */
export function redirect(code: number, location: string): Behaviour {
  requireCode("redirect", code, 300, 399, "For anything else use status().");
  return status(code, { headers: { location } });
}

/**
 * An interim response (RFC 9110 section 15.2), such as 103 Early Hints, and then the answer of `behaviour`. Nest it
 * for several.
 */
export function interim(code: number, behaviour: Behaviour, headers: HeaderFields = {}): Behaviour {
  requireCode("interim", code, 100, 199, "For anything else use status().");
  const fields = flatten(headers);
  let head = `HTTP/1.1 ${code} Interim\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return async (exchange) => {
    await exchange.writeRaw(`${head}\r\n`);
    await behaviour(exchange);
  };
}

/** `behaviour`, `ms` milliseconds later. */
export function delay(ms: number, behaviour: Behaviour): Behaviour {
  return async (exchange) => {
    await exchange.sleep(ms);
    await behaviour(exchange);
  };
}

function flatten(headers: HeaderFields): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]));
}

function requireCode(factory: string, code: number, from: number, to: number, hint: string): void {
  if (Number.isInteger(code) && code >= from && code <= to) return;
  throw new RangeError(
    `The code of ${factory}() is a whole number from ${from} to ${to}, and this one is ${code}. ${hint}`,
  );
}
