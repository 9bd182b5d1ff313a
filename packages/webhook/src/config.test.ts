import { fieldTraits } from "@jackfield/core";
import { testCertificate } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { webhookConfig } from "./config.ts";
import { testSecret } from "./test-support.ts";

const sendUrl = "https://receiver.example/hook";

/** Every problem of a configuration, as `path: message`. */
function problemsOf(config: Record<string, unknown>): string[] {
  const parsed = webhookConfig.safeParse({ sendUrl, ...config });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

/** An ed25519 pair of its own: its certificate is nobody's here. */
const anotherKey = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f
-----END PRIVATE KEY-----
`;

test("needs nothing but sendUrl, and these are the defaults of its own fields", () => {
  expect(webhookConfig.parse({ sendUrl })).toMatchObject({
    sendMethod: "POST",
    headers: {},
    format: "jackfield",
    previousSecrets: [],
    signing: "standard",
    timeoutMs: 10_000,
    connectTimeoutMs: 4000,
    maxResponseBytes: 16_384,
    maxRequestBytes: 1_048_576,
    maxConcurrency: 32,
    duplicateStatuses: [409],
    allowHosts: [],
    allowPrivateNetwork: false,
  });
});

test("does not know a key that is not one", () => {
  expect(problemsOf({ maxRetrys: 3 })).toEqual([': Unrecognized key: "maxRetrys"']);
});

test("describes every field", () => {
  const silent = Object.entries(webhookConfig.shape).filter(([, field]) => !field.description);
  expect(silent.map(([name]) => name)).toEqual([]);
});

test("marks what is secret, and no more", () => {
  const { shape } = webhookConfig;
  const secrets = Object.entries(shape).filter(([, field]) => fieldTraits(field).secret);
  expect(secrets.map(([name]) => name)).toEqual([
    "authHeader",
    "secret",
    "verifySecret",
    "ca",
    "cert",
    "key",
  ]);
  expect(fieldTraits(shape.previousSecrets.def.innerType.element).secret).toBe(true);
  expect(fieldTraits(shape.headers.def.innerType.valueType).secret).toBe(true);
  expect(fieldTraits(shape.previousVerifySecrets.def.innerType.element).secret).toBe(true);
  expect(fieldTraits(shape.sendUrl).url).toBe(true);
  expect(fieldTraits(shape.proxyUrl).url).toBe(true);
});

describe("sendUrl", () => {
  const notAbsolute = 'sendUrl: must be an absolute URL that begins with "https://" or "http://"';

  test.each([
    "",
    "receiver.example/hook",
    "/hook",
    "ftp://receiver.example/",
    "file:///etc/passwd",
    "https://",
  ])("does not take %j", (url) => {
    expect(problemsOf({ sendUrl: url })).toEqual([notAbsolute]);
  });

  test.each([
    "https://user:hunter22@receiver.example/",
    "https://user@receiver.example/",
    "https://:hunter22@receiver.example/",
  ])("does not take credentials (%s), and says where they go", (url) => {
    expect(problemsOf({ sendUrl: url })).toEqual([
      'sendUrl: has a user or password, which would not be sent: leave it out, and set authHeader = "Basic <base64 of user:password>"',
    ]);
  });

  test.each(["http://localhost:8080", "https://receiver.example/a@b?c=d@e", "https://[::1]:8443/"])(
    "takes %s",
    (url) => {
      expect(problemsOf({ sendUrl: url })).toEqual([]);
    },
  );
});

test("proxyUrl takes credentials, because a proxy is shown them", () => {
  expect(problemsOf({ proxyUrl: "http://user:hunter22@proxy.example:3128" })).toEqual([]);
});

describe("authHeader", () => {
  const cannotBeCarried = "authHeader: has characters that a header cannot carry";

  test.each(["Bearer x\n", "Bearer x\r\nx-evil: 1", "Bearer \u20ac", "Bearer \0"])(
    "does not take %j",
    (value) => {
      expect(problemsOf({ authHeader: value })).toEqual([cannotBeCarried]);
    },
  );

  test("is not empty", () => {
    expect(problemsOf({ authHeader: "" })).toHaveLength(1);
  });
});

describe("headers", () => {
  test("have every problem reported at its own path, without the values", () => {
    const headers = {
      "Content-Type": "hunter22",
      AUTHORIZATION: "hunter22",
      "webhook-ID": "hunter22",
      "x y": "hunter22",
      "x-a": "hunter22\r\n",
      "x-b": "\u20ac hunter22",
      "X-Team": "hunter22",
      "x-team": "hunter22",
      "x-fine": "hunter22",
    };
    expect(problemsOf({ headers })).toEqual([
      'headers.Content-Type: "Content-Type" is reserved: Jackfield sets it',
      'headers.AUTHORIZATION: "authorization" is set by authHeader: use that',
      'headers.webhook-ID: "webhook-ID" is reserved: Jackfield sets it',
      'headers.x y: "x y" is not a header name: letters, digits and dashes only',
      'headers.x-a: the value of "x-a" has characters that a header cannot carry',
      'headers.x-b: the value of "x-b" has characters that a header cannot carry',
      'headers.x-team: "x-team" is given twice: header names do not distinguish case',
    ]);
  });
});

describe("signing", () => {
  test.each<[string, Record<string, unknown>]>([
    ["no secret", {}],
    ["a secret", { secret: testSecret }],
    ["a secret and former ones", { secret: testSecret, previousSecrets: [testSecret] }],
    ["a secret for HMAC", { secret: "a plain secret of words", signing: "hmac-sha256" }],
    ["any secret where it does not sign", { secret: "x", signing: "none" }],
  ])("takes %s", (_, config) => {
    expect(problemsOf(config)).toEqual([]);
  });

  const sideBySide = 'previousSecrets: sign side by side with a secret and signing = "standard" only';

  test("needs a secret with hmac-sha256", () => {
    expect(problemsOf({ signing: "hmac-sha256" })).toEqual([
      'signing: "hmac-sha256" needs a secret: set secret, or leave signing out',
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["without a present secret", {}],
    ["with hmac-sha256", { secret: "a plain secret of words", signing: "hmac-sha256" }],
    ["with none", { secret: testSecret, signing: "none" }],
  ])("has no use for former secrets %s", (_, config) => {
    expect(problemsOf({ previousSecrets: ["whsec_".padEnd(40, "A")], ...config })).toEqual([sideBySide]);
  });

  test("names the secret that cannot sign by its place, and none by its value", () => {
    const problems = problemsOf({
      secret: "hunter22",
      previousSecrets: [testSecret, "whsec_", "whsec_hunter22", "whsk_hunter22"],
    });
    expect(problems.map((problem) => problem.replace(/: .*/, ""))).toEqual([
      "secret",
      "previousSecrets.1",
      "previousSecrets.2",
      "previousSecrets.3",
    ]);
    expect(problems.join()).not.toContain("hunter22");
  });

  test.each(["", "whsec_", "short"])("does not take %j as a secret", (secret) => {
    for (const signing of ["standard", "hmac-sha256"]) {
      const problems = problemsOf({ secret, signing });
      expect(new Set(problems.map((problem) => problem.split(":")[0]))).toEqual(new Set(["secret"]));
    }
  });
});

describe("allowHosts", () => {
  test.each(["localhost", "*.internal.example", "10.0.0.0/8", "127.0.0.1", "::1", "fd00::/8", "[::1]"])(
    "takes %s",
    (entry) => {
      expect(problemsOf({ allowHosts: [entry] })).toEqual([]);
    },
  );

  test.each(["", "http://localhost", "localhost:8080", "*", "10.0.0.0/33", "0x7f.1", "a b", "exa*mple.com"])(
    "does not take %j, and says why at its place",
    (entry) => {
      const problems = problemsOf({ allowHosts: ["localhost", entry] });
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^allowHosts\.1: .{20}/);
    },
  );
});

describe("the certificates", () => {
  const { cert, key } = testCertificate;

  test("are taken as PEM, several after each other and with text between them", () => {
    expect(problemsOf({ ca: `# ours\n${cert}\n# theirs\n${cert}`, cert, key })).toEqual([]);
  });

  test.each([
    ["is empty", ""],
    ["is no PEM", "hunter22"],
    ["is another thing in PEM", key],
  ])("of ca are missed where it %s", (_, ca) => {
    expect(problemsOf({ ca })).toEqual([
      'ca: holds no certificate in PEM, which begins with "-----BEGIN CERTIFICATE-----"',
    ]);
  });

  test("of ca are all looked at", () => {
    const broken = cert.replace("MIIB", "AAAA");
    expect(problemsOf({ ca: cert + broken })).toEqual(["ca: holds a certificate that cannot be read"]);
  });

  test.each([
    ["no key", "hunter22"],
    ["a certificate", cert],
    ["a key that is cut", key.slice(0, 80)],
  ])("do not take %s for a key, and do not show it", (_, wrong) => {
    expect(problemsOf({ cert, key: wrong })).toEqual([
      'key: is not a private key in PEM without a passphrase, which begins with "-----BEGIN PRIVATE KEY-----"',
    ]);
  });

  test("of a client need their key, and the key its certificate", () => {
    const together = "cert and key belong together: set both or neither";
    expect(problemsOf({ cert })).toEqual([`key: ${together}`]);
    expect(problemsOf({ key })).toEqual([`cert: ${together}`]);
  });

  test("of a client do not take the key of another", () => {
    expect(problemsOf({ cert, key: anotherKey })).toEqual([
      "key: is not the private key of the certificate in cert",
    ]);
  });
});

describe("a number", () => {
  test.each([
    ["timeoutMs", 0],
    ["timeoutMs", 2 ** 31],
    ["timeoutMs", 1.5],
    ["timeoutMs", "10000"],
    ["connectTimeoutMs", 0],
    ["maxResponseBytes", 0],
    ["maxRequestBytes", 0],
    ["maxRequestBytes", Number.NaN],
    ["maxConcurrency", 0],
    ["maxConcurrency", Infinity],
    ["maxRetries", -1],
    ["retryMaxDelayMs", 0],
  ])("%s is not %s", (field, value) => {
    expect(problemsOf({ [field]: value })).toHaveLength(1);
  });

  test("of duplicateStatuses is a status of a failure", () => {
    expect(problemsOf({ duplicateStatuses: [200] })).toHaveLength(1);
    expect(problemsOf({ duplicateStatuses: [409, 422] })).toEqual([]);
  });
});
