/** Headers that Jackfield or HTTP itself sets; configuration cannot. */
const reservedHeaders = new Set([
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
  "x-webhook-signature",
]);

/** A field name is a token, RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** What a field value may hold, RFC 9110 section 5.5. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether a header can carry the value. */
export function isHeaderValue(value: string): boolean {
  return fieldValue.test(value);
}

/** Why a configured header cannot be sent, without its value, which may be a secret; undefined where it can. */
export function headerProblem(name: string, value: string): string | undefined {
  if (!token.test(name)) return `"${name}" is not a header name: letters, digits and dashes only`;
  if (name.toLowerCase() === "authorization") return '"authorization" is set by authHeader: use that';
  if (reservedHeaders.has(name.toLowerCase())) return `"${name}" is reserved: Jackfield sets it`;
  if (!isHeaderValue(value)) return `the value of "${name}" has characters that a header cannot carry`;
  return undefined;
}
