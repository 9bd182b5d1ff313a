import { errors, request } from "undici";
import { expect, test } from "vitest";
import { closeInBody, garbage, rawBytes, resetBeforeHeaders, resetInBody } from "./broken.ts";
import { converse } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";
import { testCertificate } from "./test-certificate.ts";
import { withAgent } from "./with-agent.ts";

test("resetBeforeHeaders resets without a byte", async () => {
  await using receiver = await createReceiver({ script: [resetBeforeHeaders()] });
  expect(await converse(receiver.url)).toEqual({ text: "", ending: "reset" });
});

test("resetBeforeHeaders resets a TLS connection, too", async () => {
  await using receiver = await createReceiver({ script: [resetBeforeHeaders()], tls: testCertificate });
  await using agent = withAgent({ connect: { ca: testCertificate.cert } });
  await expect(request(receiver.url, { dispatcher: agent.dispatcher })).rejects.toMatchObject({
    code: "ECONNRESET",
  });
});

test("resetInBody resets after the head and a part of a chunked body", async () => {
  await using receiver = await createReceiver({ script: [resetInBody({ bytes: 5, status: 500 })] });
  const { text, ending } = await converse(receiver.url);
  expect(text).toMatch(/^HTTP\/1\.1 500 /);
  expect(text.endsWith("\r\n\r\n5\r\n.....\r\n")).toBe(true);
  expect(ending).toBe("reset");
});

test("resetInBody resets after a part of the promised bytes", async () => {
  await using receiver = await createReceiver({ script: [resetInBody({ contentLength: 100 })] });
  const { text, ending } = await converse(receiver.url);
  expect(text).toMatch(/content-length: 100\r\n/);
  expect(text.endsWith(`\r\n\r\n${".".repeat(16)}`)).toBe(true);
  expect(ending).toBe("reset");
});

test("closeInBody closes without the last chunk", async () => {
  await using receiver = await createReceiver({ script: [closeInBody({ bytes: 5 })] });
  const { text, ending } = await converse(receiver.url);
  expect(text.endsWith("\r\n\r\n5\r\n.....\r\n")).toBe(true);
  expect(ending).toBe("closed");
});

test("closeInBody closes before the content-length is reached", async () => {
  await using receiver = await createReceiver({ script: [closeInBody({ bytes: 5, contentLength: 6 })] });
  const { text, ending } = await converse(receiver.url);
  expect(text.endsWith("\r\n\r\n.....")).toBe(true);
  expect(ending).toBe("closed");
});

test("closeInBody refuses a body that is complete", () => {
  expect(() => closeInBody({ bytes: 5, contentLength: 5 })).toThrow(
    "A body of 5 bytes is not broken off with a contentLength of 5: raise it above 5.",
  );
});

test("garbage is not taken for HTTP", async () => {
  await using receiver = await createReceiver({ script: [garbage()] });
  await using agent = withAgent();
  await expect(request(receiver.url, { dispatcher: agent.dispatcher })).rejects.toThrow(
    errors.HTTPParserError,
  );
});

test("rawBytes sends its bytes as they are and closes", async () => {
  const bytes = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab";
  await using receiver = await createReceiver({ script: [rawBytes(bytes)] });
  expect(await converse(receiver.url)).toEqual({ text: bytes, ending: "closed" });
});

test("a body in answer to HEAD is reported by close", async () => {
  const receiver = await createReceiver({ script: [resetInBody()] });
  await converse(receiver.url, "HEAD /hook HTTP/1.1\r\nhost: test\r\n\r\n");
  await expect(receiver.close()).rejects.toThrow(
    "with status 200 in answer to HEAD, and HTTP has none there",
  );
});

test("a body with a status that has none is reported by close", async () => {
  const receiver = await createReceiver({ script: [resetInBody({ status: 204 })] });
  await converse(receiver.url);
  await expect(receiver.close()).rejects.toThrow(
    "The receiver was told to send a body with status 204 in answer to POST, and HTTP has none there. Use status() instead.",
  );
});
