import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createHmacSigner, createStandardSigner } from "./signer.ts";
import vectors from "./standard-webhooks.vectors.json" with { type: "json" };

const now = () => Math.floor(Date.now() / 1000);
const present = `whsec_${Buffer.alloc(32, "present").toString("base64")}`;
const former = `whsec_${Buffer.alloc(24, "former").toString("base64")}`;
const [, , ed25519] = vectors;

function headersOf(secrets: string[], id: string, timestamp: number, body: string): Record<string, string> {
  const flat = createStandardSigner(secrets)({ id, timestamp, body });
  return Object.fromEntries(
    flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""] as const] : [])),
  );
}

test.each(vectors)(
  "a $scheme signature of $id is the vector's",
  ({ secret, id, timestamp, body, signature }) => {
    expect(createStandardSigner([secret])({ id, timestamp, body })).toEqual([
      "webhook-id",
      id,
      "webhook-timestamp",
      String(timestamp),
      "webhook-signature",
      signature,
    ]);
  },
);

test("an ed25519 key signs alike as the seed alone and with its public half", () => {
  const { secret = "", id = "", timestamp = 0, body = "", signature } = ed25519 ?? {};
  const seed = Buffer.from(secret.slice("whsk_".length), "base64").subarray(0, 32);
  const alone = `whsk_${seed.toString("base64")}`;
  expect(headersOf([alone], id, timestamp, body)["webhook-signature"]).toBe(signature);
});

test("several secrets sign side by side, in their order, each in its own scheme", () => {
  const private32 = ed25519?.secret ?? "";
  const together = headersOf([present, private32, former], "msg_1", 1, "x")["webhook-signature"];
  const apart = [present, private32, former].map(
    (secret) => headersOf([secret], "msg_1", 1, "x")["webhook-signature"],
  );
  expect(together).toBe(apart.join(" "));
  expect(together).toMatch(/^v1,\S+ v1a,\S+ v1,\S+$/);
});

describe("the standardwebhooks package accepts", () => {
  const bodies = ['{"a":1}', '{"text":"gr\u00fc\u00dfe \u{1f44b}"}', '"a\\ud800b"', "{}"];

  test.each(bodies)("our signature of %s", (body) => {
    const headers = headersOf([present], "msg_1", now(), body);
    expect(new Webhook(present).verify(body, headers)).toEqual(JSON.parse(body));
  });

  test.each([
    ["the present", present],
    ["the former", former],
  ])("our signatures during a rotation, by %s secret", (_, secret) => {
    const headers = headersOf([present, former], "msg_1", now(), "{}");
    expect(new Webhook(secret).verify("{}", headers)).toEqual({});
  });

  test("none of ours for another body, another id or another secret", () => {
    const headers = headersOf([present], "msg_1", now(), "{}");
    expect(() => new Webhook(present).verify('{"a":1}', headers)).toThrow();
    expect(() => new Webhook(present).verify("{}", { ...headers, "webhook-id": "msg_2" })).toThrow();
    expect(() => new Webhook(former).verify("{}", headers)).toThrow();
  });
});

test("an HMAC is in lower-case hex over the exact bytes", () => {
  const secret = "a plain secret of words";
  const hex = createHmac("sha256", secret).update("gr\u00fc\u00dfe", "utf8").digest("hex");
  expect(createHmacSigner(secret)({ id: "msg_1", timestamp: 1, body: "gr\u00fc\u00dfe" })).toEqual([
    "x-webhook-signature",
    `sha256=${hex}`,
  ]);
});

test("a secret that is none is refused, and is not in the message", () => {
  expect(() => createStandardSigner(["hunter22"])).toThrow(
    new TypeError("a Standard Webhooks secret begins with whsec_ or whsk_"),
  );
});
