import { secret } from "@jackfield/core";
import * as z from "zod";

const milliseconds = () =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1);

/** A token shorter than this could be found by trying. */
const fewestTokenCharacters = 16;

const token = () =>
  secret(
    z
      .string()
      .min(fewestTokenCharacters)
      .regex(/^[\x21-\x7e]+$/, "has blanks or characters that a header cannot carry"),
  );

/** `[gateway]`: the HTTP server of `jackfield run`. */
export const gatewaySection = z
  .strictObject({
    host: z.string().min(1).default("127.0.0.1").describe("The address to listen on."),
    port: z.int().min(0).max(65_535).default(8787).describe("The port; 0 takes a free one."),
    token: token()
      .optional()
      .describe(
        'What the HTTP API asks for as "authorization: Bearer ...". Unset: no token on loopback, and needed elsewhere.',
      ),
    readOnlyToken: token()
      .optional()
      .describe("A token with which the HTTP API can be read, and nothing changed."),
    drainTimeoutMs: milliseconds()
      .default(10_000)
      .describe(
        "How long a shutdown waits for requests, turns and attempts that are under way, in milliseconds.",
      ),
    maxConcurrentRequests: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe("The most requests in hand at the same time; beyond it the answer is 503, at once."),
    logLevel: z
      .enum(["debug", "info", "warn", "error", "silent"])
      .default("info")
      .describe("The least serious lines that are logged."),
    logContents: z
      .boolean()
      .default(false)
      .describe("Whether the text of messages is logged as well. Secrets never are."),
  })
  .superRefine(({ host, token, readOnlyToken }, context) => {
    if (!isLoopback(host) && token === undefined) {
      context.addIssue({
        code: "custom",
        path: ["token"],
        message: `is missing: whoever can reach "${host}" could send through these channels; make a token with "openssl rand -hex 32"`,
      });
    }
    if (token !== undefined && token === readOnlyToken) {
      context.addIssue({
        code: "custom",
        path: ["readOnlyToken"],
        message: "is the same as token: choose another",
      });
    }
  });

/** The settings of the gateway with their defaults in place. They contain secrets. */
export type GatewaySettings = z.output<typeof gatewaySection>;

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
