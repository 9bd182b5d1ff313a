import { dispatchFields, httpUrl, retryFields, secret } from "@jackfield/core";
import * as z from "zod";
import { parseHostPattern } from "./address-guard/host-pattern.ts";
import { formatNames } from "./formats.ts";
import { headerProblem } from "./headers.ts";
import { belongTogether, certificateProblem, privateKeyProblem } from "./pem.ts";
import { secretProblem } from "./signing/signing-secret.ts";

const milliseconds = () =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1);
const bytes = () =>
  z
    .int()
    .min(1)
    .max(2 ** 30);

const hostPattern = z.string().superRefine((text, context) => {
  const parsed = parseHostPattern(text);
  if (!parsed.ok) context.addIssue(parsed.reason);
});

const headers = z.record(z.string(), secret(z.string())).superRefine((record, context) => {
  for (const problem of headerProblems(record)) context.addIssue({ code: "custom", ...problem });
});

function* headerProblems(record: Record<string, string>): Generator<{ path: string[]; message: string }> {
  const seen = new Set<string>();
  for (const [name, value] of Object.entries(record)) {
    const message = seen.has(name.toLowerCase())
      ? `"${name}" is given twice: header names do not distinguish case`
      : headerProblem(name, value);
    if (message) yield { path: [name], message };
    seen.add(name.toLowerCase());
  }
}

const certificate = () => secret(z.string().superRefine(reporting(certificateProblem)));
const privateKey = () => secret(z.string().superRefine(reporting(privateKeyProblem)));

function reporting(problemOf: (value: string) => string | undefined) {
  return (value: string, context: z.RefinementCtx) => {
    const problem = problemOf(value);
    if (problem) context.addIssue(problem);
  };
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}

/** The configuration of a webhook channel: `[channels.webhook.<alias>]`. */
export const webhookConfig = z
  .strictObject({
    sendUrl: httpUrl()
      .refine(
        (url) => !hasCredentials(url),
        'has a user or password, which would not be sent: leave it out, and set authHeader = "Basic <base64 of user:password>"',
      )
      .describe("Where messages are sent."),
    sendMethod: z.enum(["POST", "PUT", "PATCH"]).default("POST").describe("The request's method."),
    authHeader: secret()
      .refine(
        (value) => headerProblem("x-any", value) === undefined,
        "has characters that a header cannot carry",
      )
      .optional()
      .describe('The value of the "authorization" header, such as "Bearer ...".'),
    headers: headers.default({}).describe("Further headers of each request."),
    format: z.enum(formatNames).default("jackfield").describe("The shape of the request's body."),
    secret: secret()
      .optional()
      .describe('Signs each request; "whsec_..." or "whsk_..." for Standard Webhooks. Unset: not signed.'),
    previousSecrets: z
      .array(secret())
      .default([])
      .describe("Secrets that sign side by side with the present one during a rotation."),
    signing: z
      .enum(["standard", "hmac-sha256", "none"])
      .default("standard")
      .describe("How requests are signed when there is a secret."),
    timeoutMs: milliseconds()
      .default(10_000)
      .describe("One deadline over connect, headers and body of an attempt, in milliseconds."),
    connectTimeoutMs: milliseconds()
      .default(4000)
      .describe("The longest wait for a connection, in milliseconds."),
    maxResponseBytes: bytes()
      .default(16_384)
      .describe("How much of an answer's body is read, in bytes; what exceeds it is cut."),
    maxRequestBytes: bytes().default(1_048_576).describe("The largest body that is sent, in bytes."),
    ...retryFields,
    ...dispatchFields,
    duplicateStatuses: z
      .array(z.int().min(300).max(599))
      .default([409])
      .describe(
        'Statuses that mean "already done" on a retry whose earlier attempt may have arrived: the message counts as delivered.',
      ),
    allowHosts: z
      .array(hostPattern)
      .default([])
      .describe(
        'Hosts that may be reached at private addresses: "localhost", "*.internal.example", an address or a CIDR range.',
      ),
    allowPrivateNetwork: z
      .boolean()
      .default(false)
      .describe("Whether loopback and private addresses may be reached."),
    proxyUrl: httpUrl()
      .optional()
      .describe("An HTTP proxy; it resolves the name, so the address guard sees only literal addresses."),
    ca: certificate().optional().describe("Certificates in PEM that are trusted, instead of the system's."),
    cert: certificate().optional().describe("The client certificate, in PEM."),
    key: privateKey().optional().describe("The client certificate's private key, in PEM."),
  })
  .superRefine((config, context) => {
    for (const { path, message } of crossFieldProblems(config))
      context.addIssue({ code: "custom", path, message });
  });

/** A webhook channel's configuration with its defaults in place. */
export type WebhookConfig = z.output<typeof webhookConfig>;

type SigningFields = Pick<WebhookConfig, "secret" | "previousSecrets" | "signing" | "cert" | "key">;

function* crossFieldProblems(
  config: SigningFields,
): Generator<{ path: (string | number)[]; message: string }> {
  const { secret: current, previousSecrets, signing, cert, key } = config;
  if (signing === "hmac-sha256" && current === undefined) {
    yield { path: ["signing"], message: '"hmac-sha256" needs a secret: set secret, or leave signing out' };
  }
  if (previousSecrets.length > 0 && (current === undefined || signing !== "standard")) {
    yield {
      path: ["previousSecrets"],
      message: 'sign side by side with a secret and signing = "standard" only',
    };
  }
  const problem = current === undefined ? undefined : secretProblem(signing, current);
  if (problem) yield { path: ["secret"], message: problem };
  for (const [index, previous] of previousSecrets.entries()) {
    const problem = secretProblem(signing, previous);
    if (problem) yield { path: ["previousSecrets", index], message: problem };
  }
  if ((cert === undefined) !== (key === undefined)) {
    yield {
      path: [cert === undefined ? "cert" : "key"],
      message: "cert and key belong together: set both or neither",
    };
  }
  if (cert !== undefined && key !== undefined && !belongTogether(cert, key)) {
    yield { path: ["key"], message: "is not the private key of the certificate in cert" };
  }
}
