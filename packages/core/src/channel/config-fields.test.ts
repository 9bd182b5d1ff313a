import { describe, expect, test } from "vitest";
import * as z from "zod";
import { displayUrl, fieldTraits, httpUrl, secret } from "./config-fields.ts";

describe("a URL as it may be shown", () => {
  test.each([
    ["an origin", "https://example.com", "https://example.com"],
    ["an origin with a slash", "https://example.com/", "https://example.com"],
    ["a port and a path", "http://127.0.0.1:8080/hook/ops", "http://127.0.0.1:8080/hook/ops"],
    ["an IPv6 address", "http://[::1]:8080/hook", "http://[::1]:8080/hook"],
    ["a user and a password", "https://ann:pa55@example.com/x", "https://example.com/x"],
    ["a query", "https://example.com/x?sig=abc&v=1", "https://example.com/x"],
    ["a fragment", "https://example.com/x#token", "https://example.com/x"],
    [
      "a short segment with digits",
      "https://example.com/v2/orders/12345",
      "https://example.com/v2/orders/12345",
    ],
    ["a long word", "https://example.com/internationalisation", "https://example.com/internationalisation"],
    [
      "15 characters with a digit",
      "https://example.com/abcdefghijklmn1",
      "https://example.com/abcdefghijklmn1",
    ],
    ["16 characters with a digit", "https://example.com/abcdefghijklmno1", "https://example.com/…"],
    ["an encoded colon", "https://example.com/abcdefghijklm%3Axyz", "https://example.com/…"],
    ["an encoded digit", "https://example.com/abcdefghijklmno%31", "https://example.com/…"],
  ])("%s", (_, url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });

  test.each([
    [
      "Slack",
      "https://hooks.slack.com/services/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",
      "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/…",
    ],
    [
      "Slack, with a token in which no digit happens to be",
      "https://hooks.slack.com/services/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",
      "https://hooks.slack.com/services/T024BE7LD/B024BE7LH/…",
    ],
    [
      "Discord",
      "https://discord.com/api/webhooks/1098765432109876543/kX3-9sQz_YvB7nT1mLpR5wHcJ8dFgA2eU4iO6tWxVbNqMzKj",
      "https://discord.com/api/webhooks/…/…",
    ],
    [
      "Telegram",
      "https://api.telegram.org/bot123456789:AAHk-3fJx9QwErTyUiOpAsDfGhJkLzXcVbN/sendMessage",
      "https://api.telegram.org/…/sendMessage",
    ],
    [
      "Teams connector",
      "https://acme.webhook.office.com/webhookb2/0f8fad5b-d9cb-469f-a165-70867728950e@7c9e6679-7425-40de-944b-e07fc1f90ae7/IncomingWebhook/9f86d081884c7d659a2feaa0c55ad015/1b4e28ba-2fa1-11d2-883f-0016d3cca427",
      "https://acme.webhook.office.com/webhookb2/…/IncomingWebhook/…/…",
    ],
    [
      "Teams workflow",
      "https://prod-12.westus.logic.azure.com:443/workflows/9f86d081884c7d659a2feaa0c55ad015/triggers/manual/paths/invoke?api-version=2016-06-01&sig=Zm9vYmFy",
      "https://prod-12.westus.logic.azure.com/workflows/…/triggers/manual/paths/invoke",
    ],
    [
      "Google Chat",
      "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=AIzaSyD3f&token=Xy9",
      "https://chat.googleapis.com/v1/spaces/AAAA/messages",
    ],
  ])("of %s keeps its credential to itself", (_, url, shown) => {
    expect(displayUrl(url)).toBe(shown);
  });

  test.each(["", "example.com/x?token=t0p", "/hook?token=t0p"])("%j is not shown at all", (url) => {
    expect(displayUrl(url)).toBe("<not a URL>");
  });
});

describe("the marks of a field", () => {
  const neither = { secret: false, url: false };
  const isSecret = { secret: true, url: false };
  const isUrl = { secret: false, url: true };

  test.each<[string, z.ZodType, typeof neither]>([
    ["a string", z.string(), neither],
    ["a described number with a default", z.number().default(1).describe("One."), neither],
    ["a secret", secret(), isSecret],
    ["a secret with a schema of its own", secret(z.string().regex(/^whsec_/)), isSecret],
    ["a described secret", secret().describe("The token."), isSecret],
    ["an optional secret", secret().optional(), isSecret],
    ["an optional secret that is described", secret().optional().describe("The token."), isSecret],
    ["a secret with a default", secret().default("none"), isSecret],
    ["a secret that may be null and absent", secret().nullable().optional(), isSecret],
    ["a secret with a check after its mark", secret().min(8), isSecret],
    ["a secret with a refinement after its mark", secret().refine((value) => value !== "secret"), isSecret],
    ["a secret that is transformed", secret().transform((value) => Buffer.from(value, "base64")), isSecret],
    ["a secret that is piped", secret().pipe(z.string()), isSecret],
    ["a URL", httpUrl(), isUrl],
    ["an optional URL that is described", httpUrl().optional().describe("Where to."), isUrl],
    ["a URL with a default", httpUrl().default("https://example.com"), isUrl],
    ["a URL that is a secret", secret(httpUrl()), isSecret],
  ])("%s", (_, schema, traits) => {
    expect(fieldTraits(schema)).toEqual(traits);
  });
});

test("a secret is marked writeOnly in JSON Schema, and a URL has its format", () => {
  const { properties } = z.toJSONSchema(z.object({ token: secret(), url: httpUrl() }));
  expect(properties).toMatchObject({
    token: { type: "string", minLength: 1, writeOnly: true },
    url: { type: "string", format: "uri" },
  });
});

test("an empty secret is refused", () => {
  expect(secret().safeParse("").success).toBe(false);
});

test.each(["https://example.com", "http://127.0.0.1:8080/hook?x=1", "HTTPS://example.com", "http://[::1]:3"])(
  "%j is an http URL",
  (url) => {
    expect(httpUrl().safeParse(url).success).toBe(true);
  },
);

test.each([
  "",
  "example.com",
  "//example.com",
  "ftp://example.com",
  "file:///etc/passwd",
  "http:example.com",
  "https://",
])("%j is no http URL, and the message says what is", (url) => {
  expect(
    httpUrl()
      .safeParse(url)
      .error?.issues.map((issue) => issue.message),
  ).toEqual(['must be an absolute URL that begins with "https://" or "http://"']);
});
