import { dispatchFields, httpUrl, receiveFields, retryFields, secret } from "@jackfield/core";
import * as z from "zod";
import { parseHostPattern } from "./address-guard/host-pattern.ts";
import { formatNames } from "./formats.ts";
import { headerProblem } from "./headers.ts";
import { listenPathProblem } from "./inbound/listen-path.ts";
import { receiveFormatNames } from "./inbound/receive-formats.ts";
import { verifySchemes, verifySecretProblem } from "./inbound/verify-scheme.ts";
import { verifySecretsOf } from "./inbound/verify-secrets.ts";
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
      .optional()
      .describe("Where messages are sent. Needed, unless the channel only takes requests."),
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
    verify: z
      .enum(verifySchemes)
      .optional()
      .describe(
        'How requests are verified that come in at listenPath; "none" lets anybody speak. Unset: the channel takes no requests.',
      ),
    verifySecret: secret()
      .optional()
      .describe("Verifies requests. Unset: secret, for standard and hmac-sha256."),
    previousVerifySecrets: z
      .array(secret())
      .default([])
      .describe("Secrets that verify side by side with the present one during a rotation."),
    listenPath: z
      .string()
      .superRefine(reporting(listenPathProblem))
      .optional()
      .describe("The path at which requests come in. Unset: /webhook/<alias>."),
    receiveFormat: z
      .enum(receiveFormatNames)
      .optional()
      .describe(
        'The shape of the bodies that come in. Unset: "zeroclaw" where that is the format, else "jackfield". With hmac-sha256 and github a message without an id is known by its exact bytes: the same text sent twice counts as a repeat.',
      ),
    maxBodyBytes: bytes()
      .default(1_048_576)
      .describe("The largest body that is taken, in bytes; a larger one is answered with 413."),
    ...receiveFields,
    ca: certificate().optional().describe("Certificates in PEM that are trusted, instead of the system's."),
    cert: certificate().optional().describe("The client certificate, in PEM."),
    key: privateKey().optional().describe("The client certificate's private key, in PEM."),
  })
  .superRefine((config, context) => {
    for (const { path, message } of [...crossFieldProblems(config), ...receiveProblems(config)])
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

type ReceiveFields = Pick<
  WebhookConfig,
  | "sendUrl"
  | "secret"
  | "verify"
  | "verifySecret"
  | "previousVerifySecrets"
  | "listenPath"
  | "receiveFormat"
  | "allowSenders"
>;

const receiveKeys = ["verifySecret", "listenPath", "receiveFormat", "allowSenders"] as const;

function* receiveProblems(config: ReceiveFields): Generator<{ path: (string | number)[]; message: string }> {
  const { sendUrl, verify, verifySecret, previousVerifySecrets } = config;
  if (sendUrl === undefined && verify === undefined) {
    yield {
      path: ["sendUrl"],
      message:
        'is missing: set it to where messages are sent, or set verify, such as "standard", for a channel that only takes requests',
    };
  }
  if (verify === undefined) {
    const key =
      receiveKeys.find((candidate) => config[candidate] !== undefined) ??
      (previousVerifySecrets.length > 0 ? "previousVerifySecrets" : undefined);
    if (key)
      yield { path: ["verify"], message: `is missing: ${key} is for requests that come in, and needs it` };
    return;
  }
  if (verify === "none") {
    const message = 'verifies nothing with verify = "none": leave one of them out';
    if (verifySecret !== undefined) yield { path: ["verifySecret"], message };
    if (previousVerifySecrets.length > 0) yield { path: ["previousVerifySecrets"], message };
    return;
  }
  const [current] = verifySecretsOf(config);
  const path = verifySecret === undefined && current !== undefined ? ["secret"] : ["verifySecret"];
  if (current === undefined) {
    yield { path, message: `is missing: verify = "${verify}" needs it` };
    return;
  }
  const problem = verifySecretProblem(verify, current);
  // What is wrong with the secret that signs has been said already.
  if (problem !== undefined && verifySecret !== undefined) yield { path, message: problem };
  if (problem !== undefined && verifySecret === undefined) {
    yield {
      path: ["verify"],
      message: `"${verify}" cannot use the channel's secret, which ${problem}: set verifySecret`,
    };
  }
  for (const [index, previous] of previousVerifySecrets.entries()) {
    const problem = verifySecretProblem(verify, previous);
    if (problem) yield { path: ["previousVerifySecrets", index], message: problem };
  }
}
