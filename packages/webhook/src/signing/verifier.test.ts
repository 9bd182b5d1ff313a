import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { createStandardSigner } from "./signer.ts";
import vectors from "./standard-webhooks.vectors.json" with { type: "json" };
import type { SignedRequest } from "./verification.ts";
import { verifyHmac, verifyStandard } from "./verifier.ts";

const secret = `whsec_${Buffer.alloc(32, "present").toString("base64")}`;
const other = `whsec_${Buffer.alloc(32, "other").toString("base64")}`;
const seconds = 1_767_225_600;
const nowMs = seconds * 1000;
const ok = { ok: true };
const refused = (reason: string) => ({ ok: false, reason });
const noFit = refused("no signature fits any secret");

function request(body: string | Uint8Array, headers: Record<string, string | undefined>): SignedRequest {
  return { body: Buffer.from(body), header: (name) => headers[name] };
}

/** A request as we sign it, with some headers changed afterwards. */
function signed(
  changes: Record<string, string | undefined> = {},
  { secrets = [secret], timestamp = seconds, body = '{"a":1}' } = {},
): SignedRequest {
  const flat = createStandardSigner(secrets)({ id: "msg_1", timestamp, body });
  const [, id, , at, , signature] = flat;
  return request(body, {
    "webhook-id": id,
    "webhook-timestamp": at,
    "webhook-signature": signature,
    ...changes,
  });
}

const good = signed().header("webhook-signature") ?? "";
const bad = `v1,${Buffer.alloc(32, 7).toString("base64")}`;

describe("a Standard Webhook", () => {
  test.each(vectors)("of the vectors fits ($scheme, $id)", (vector) => {
    const { id, timestamp, body, signature } = vector;
    const received = request(body, {
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": signature,
    });
    const keys =
      "publicKey" in vector && vector.publicKey ? [vector.publicKey, vector.secret] : [vector.secret];
    for (const key of keys) expect(verifyStandard(received, [key], timestamp * 1000)).toEqual(ok);
  });

  test("fits its private key where that is the seed alone", () => {
    const seed = `whsk_${Buffer.alloc(32, "seed").toString("base64")}`;
    expect(verifyStandard(signed({}, { secrets: [seed] }), [seed], nowMs)).toEqual(ok);
  });

  test.each(["{}", '{"text":"gr\u00fc\u00dfe \u{1f44b}"}', ""])(
    "that the standardwebhooks package signed fits (%j)",
    (body) => {
      const signature = new Webhook(secret).sign("msg_1", new Date(nowMs), body);
      const received = request(body, {
        "webhook-id": "msg_1",
        "webhook-timestamp": String(seconds),
        "webhook-signature": signature,
      });
      expect(verifyStandard(received, [secret], nowMs)).toEqual(ok);
    },
  );

  test("fits by any of our secrets, while the sender rotates or we do", () => {
    expect(verifyStandard(signed({}, { secrets: [other] }), [secret, other], nowMs)).toEqual(ok);
    expect(verifyStandard(signed({}, { secrets: [other, secret] }), [secret], nowMs)).toEqual(ok);
  });

  test("of bytes that are no UTF-8 is verified as bytes", () => {
    const body = Buffer.of(0xff, 0x00, 0xfe);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const mac = createHmac("sha256", key).update(`msg_1.${seconds}.`).update(body).digest("base64");
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(seconds),
      "webhook-signature": `v1,${mac}`,
    };
    expect(verifyStandard(request(body, headers), [secret], nowMs)).toEqual(ok);
    expect(verifyStandard(request(Buffer.of(0xff, 0x00, 0xff), headers), [secret], nowMs)).toEqual(noFit);
  });

  test("of another id, another time or another body does not fit", () => {
    expect(verifyStandard(signed({ "webhook-id": "msg_2" }), [secret], nowMs)).toEqual(noFit);
    expect(verifyStandard(signed({ "webhook-timestamp": String(seconds + 1) }), [secret], nowMs)).toEqual(
      noFit,
    );
    const { header } = signed();
    expect(verifyStandard({ body: Buffer.from('{"a":2}'), header }, [secret], nowMs)).toEqual(noFit);
  });

  test("fits no secrets where there are none", () => {
    expect(verifyStandard(signed(), [], nowMs)).toEqual(noFit);
  });

  test.each(["webhook-id", "webhook-timestamp", "webhook-signature"])("without %s is refused", (name) => {
    const lacking = refused("it lacks webhook-id, webhook-timestamp or webhook-signature");
    expect(verifyStandard(signed({ [name]: undefined }), [secret], nowMs)).toEqual(lacking);
    expect(verifyStandard(signed({ [name]: "" }), [secret], nowMs)).toEqual(lacking);
  });
});

describe("a timestamp", () => {
  test.each([300, -300, 299, 0])("%i s away from our clock is good", (distance) => {
    expect(verifyStandard(signed({}, { timestamp: seconds + distance }), [secret], nowMs)).toEqual(ok);
  });

  test.each([301, -301, 1e6, -seconds])("%i s away from our clock is refused", (distance) => {
    const verification = verifyStandard(signed({}, { timestamp: seconds + distance }), [secret], nowMs);
    expect(verification).toEqual(refused("webhook-timestamp is more than 300 s away from our clock"));
  });

  test("is compared with the second that our clock is in", () => {
    const early = signed({}, { timestamp: seconds - 300 });
    expect(verifyStandard(early, [secret], nowMs + 999)).toEqual(ok);
    expect(verifyStandard(early, [secret], nowMs + 1000).ok).toBe(false);
  });

  test.each([
    "123abc",
    `${seconds}abc`,
    ` ${seconds}`,
    `${seconds}\n`,
    `+${seconds}`,
    `-${seconds}`,
    `${seconds}.0`,
    "1e9",
    "0x69",
    "1767225600000000",
    "Infinity",
    "NaN",
    "\u0661\u0662",
    `${seconds}, ${seconds}`,
  ])("that is not a whole number (%j) is refused, signed or not", (timestamp) => {
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const mac = createHmac("sha256", key).update(`msg_1.${timestamp}.{}`).digest("base64");
    const headers = {
      "webhook-id": "msg_1",
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${mac}`,
    };
    expect(verifyStandard(request("{}", headers), [secret], nowMs)).toEqual(
      refused("webhook-timestamp is not a whole number of seconds"),
    );
  });
});

describe("the signatures of a request", () => {
  test.each([
    ["first", [good, bad, bad]],
    ["in the middle", [bad, good, bad]],
    ["last", [bad, bad, good]],
    ["among unknown versions", ["v2,abc", "v1a,abc", "nonsense", good]],
    ["between blanks", ["", good, ""]],
  ])("fit with the good one %s", (_, entries) => {
    expect(verifyStandard(signed({ "webhook-signature": entries.join(" ") }), [secret], nowMs)).toEqual(ok);
  });

  test.each([
    ["another version", good.replace("v1,", "v2,")],
    ["no version", good.replace("v1,", "")],
    ["an empty version", good.replace("v1,", ",")],
    ["the version of the other scheme", good.replace("v1,", "v1a,")],
    ["capitals for its version", good.replace("v1,", "V1,")],
    ["nothing after its version", "v1,"],
    ["its version alone", "v1"],
    ["a byte too few", `v1,${Buffer.from(good.slice(3), "base64").subarray(0, 31).toString("base64")}`],
    [
      "a byte too many",
      `v1,${Buffer.concat([Buffer.from(good.slice(3), "base64"), Buffer.of(0)]).toString("base64")}`,
    ],
    ["a comma for a blank", `${bad},${good}`],
    ["no base64", "v1,\u20ac\u20ac\u20ac"],
  ])("do not fit with %s", (_, signature) => {
    expect(verifyStandard(signed({ "webhook-signature": signature }), [secret], nowMs)).toEqual(noFit);
  });

  test.each([
    ["good first", `${good}, ${bad}`],
    ["good last", `${bad}, ${good}`],
    ["twice the same", `${good}, ${good}`],
    ["a blank after the comma", good.replace(",", ", ")],
  ])("do not fit in a header that came twice: %s", (_, signature) => {
    expect(verifyStandard(signed({ "webhook-signature": signature }), [secret], nowMs)).toEqual(
      refused("webhook-signature came twice, or has a blank after a comma"),
    );
  });

  test("are looked at up to the hundredth", () => {
    const hundred = [...Array<string>(99).fill(bad), good].join(" ");
    expect(verifyStandard(signed({ "webhook-signature": hundred }), [secret], nowMs)).toEqual(ok);
    const oneMore = `${bad} ${hundred}`;
    expect(verifyStandard(signed({ "webhook-signature": oneMore }), [secret], nowMs)).toEqual(noFit);
  });

  test("do not keep the verifier busy, even ten thousand of the dear kind", () => {
    const dear = `v1a,${Buffer.alloc(64, 7).toString("base64")}`;
    const received = signed({ "webhook-signature": Array<string>(10_000).fill(dear).join(" ") });
    const started = performance.now();
    expect(verifyStandard(received, [vectors[2]?.secret ?? ""], nowMs)).toEqual(noFit);
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("of an ed25519 key do not fit in another length", () => {
    const { secret: privateKey = "", id, timestamp = 0, body = "", signature = "" } = vectors[2] ?? {};
    const bytes = Buffer.from(signature.slice("v1a,".length), "base64");
    for (const wrong of [bytes.subarray(0, 63), Buffer.concat([bytes, bytes]), Buffer.alloc(0)]) {
      const received = request(body, {
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": `v1a,${wrong.toString("base64")}`,
      });
      expect(verifyStandard(received, [privateKey], timestamp * 1000)).toEqual(noFit);
    }
  });

  test("never make the verifier throw, and never fit by chance", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (signatures, id, body) => {
        const received = request(body, {
          "webhook-id": id,
          "webhook-timestamp": String(seconds),
          "webhook-signature": signatures,
        });
        expect(verifyStandard(received, [secret, vectors[2]?.secret ?? ""], nowMs).ok).toBe(false);
      }),
    );
  });
});

test.each(["", "whsec_", "whsk_", "whpk_", "hunter22", "whsec_***", "whpk_AAAA", "whsk_AAAA"])(
  "the secret %j verifies nothing: it is refused",
  (wrong) => {
    expect(() => verifyStandard(signed(), [wrong], nowMs)).toThrow(
      new TypeError("a Standard Webhooks secret is whsec_, whpk_ or whsk_ and a key in base64"),
    );
  },
);

describe("an HMAC", () => {
  const plain = "a plain secret of words";
  const body = '{"text":"gr\u00fc\u00dfe"}';
  const hex = createHmac("sha256", plain).update(body).digest("hex");
  const withHeader = (value: string | undefined) => request(body, { "x-webhook-signature": value });

  test.each([
    `sha256=${hex}`,
    hex,
    hex.toUpperCase(),
    `sha256=${hex.toUpperCase()}`,
    `SHA256=${hex}`,
    ` sha256=${hex} `,
  ])("fits as %j", (value) => {
    expect(verifyHmac(withHeader(value), [plain])).toEqual(ok);
  });

  test("fits by any of the secrets", () => {
    expect(verifyHmac(withHeader(hex), ["another secret", plain])).toEqual(ok);
  });

  test.each([undefined, ""])("that is missing (%j) is refused", (value) => {
    expect(verifyHmac(withHeader(value), [plain])).toEqual(refused("it lacks x-webhook-signature"));
  });

  test.each([
    "sha256=",
    `sha1=${hex}`,
    `sha256=${hex.slice(1)}`,
    `${hex}0`,
    `sha256=${hex.slice(0, 63)}g`,
    `${hex}, ${hex}`,
    `sha256=sha256=${hex}`,
    Buffer.from(hex, "hex").toString("base64"),
  ])("that is none (%j) is refused", (value) => {
    expect(verifyHmac(withHeader(value), [plain])).toEqual(
      refused("x-webhook-signature is not a SHA-256 in hex"),
    );
  });

  test("of another body or another secret does not fit", () => {
    const noSecretFits = refused("the signature fits no secret");
    expect(verifyHmac({ ...withHeader(hex), body: Buffer.from("{}") }, [plain])).toEqual(noSecretFits);
    expect(verifyHmac(withHeader(hex), [`${plain} `])).toEqual(noSecretFits);
    expect(verifyHmac(withHeader(hex), [])).toEqual(noSecretFits);
  });

  test("by an empty secret, which anyone has, is refused", () => {
    const anyones = createHmac("sha256", "").update(body).digest("hex");
    expect(() => verifyHmac(withHeader(anyones), [""])).toThrow(
      new TypeError("an empty secret verifies nothing: anyone can sign with it"),
    );
  });
});
