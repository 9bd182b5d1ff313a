import { createReceiver } from "../../testkit/src/receiver/receiver.ts";
import { status } from "../../testkit/src/receiver/answers.ts";
import { tarpit } from "../../testkit/src/receiver/tarpit.ts";
import { closedPort } from "../../testkit/src/receiver/closed-port.ts";
import * as s from "../../testkit/src/receiver/slow.ts";
import * as b from "../../testkit/src/receiver/broken.ts";
import * as o from "../../testkit/src/receiver/oversized.ts";
import { testCertificate } from "../../testkit/src/receiver/test-certificate.ts";
import { openTestChannel } from "./test-support.ts";
import { createMessage } from "@jackfield/core";

async function run(name: string, url: string, config: object = {}) {
  const t = performance.now();
  const ch = await openTestChannel(url, { timeoutMs: 300, ...config });
  try {
    const r = await ch.channel.deliver(createMessage("hello", 0), { number: 1, maybeArrived: false });
    console.log(name, "=>", JSON.stringify(r).slice(0, 200), Math.round(performance.now() - t));
  } catch (e: any) {
    console.log(name, "=>", e.kind, "amb", e.ambiguous, e.status, "|", e.message.slice(0, 200), "| cause", e.cause?.code, Math.round(performance.now() - t));
  }
  const c = performance.now();
  await ch.channel.close?.();
  if (performance.now() - c > 50) console.log("   close took", performance.now() - c);
}
for (const [name, behaviour] of Object.entries({
  ok: status(200, { body: "fine" }), silence: s.silence(), drip: s.drip({ bytes: Infinity, intervalMs: 20 }), drip500: s.drip({ bytes: Infinity, intervalMs: 20, status: 500 }),
  slowHeaders: s.slowHeaders({ intervalMs: 20 }), resetBefore: b.resetBeforeHeaders(), resetIn: b.resetInBody(), resetIn400: b.resetInBody({ status: 400 }),
  closeIn: b.closeInBody(), closeInLen: b.closeInBody({ contentLength: 100 }), closeNothing: ({ socket }: any) => void socket.end(),
  closeInLenConnClose: b.rawBytes("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 100\r\n\r\nabc"),
  closeInChunkedConnClose: b.rawBytes("HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc"),
  noLength: b.rawBytes("HTTP/1.1 200 OK\r\n\r\nabc"),
  garbage: b.garbage(), half: b.rawBytes("HTTP/1.1 20"), endless: o.endlessBody(), endless503: o.endlessBody({ status: 503 }), bomb: o.gzipBomb({ megabytes: 100 }), huge: o.hugeHeaders(),
  s101: b.rawBytes("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"), s100: b.rawBytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"), s700: status(700), s999: status(999),
  http2: b.rawBytes("HTTP/2 200 OK\r\n\r\n"), twoLen: b.rawBytes("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"),
})) {
  const r = await createReceiver({ script: [behaviour as any] });
  await run(name, r.url);
  await r.close();
}
const t = await tarpit();
await run("tarpit http", t.url); await run("tarpit tls deadline", t.tlsUrl); await run("tarpit tls connect", t.tlsUrl, { connectTimeoutMs: 100 });
const cp = await closedPort(); await run("closed", cp.url);
await run("dns", "http://nowhere.invalid/hook", { timeoutMs: 5000 });
const tls = await createReceiver({ tls: testCertificate });
await run("tls no ca", tls.url); await run("tls ca", tls.url, { ca: testCertificate.cert }); await run("tls bad ca", tls.url, { ca: "garbage" });
await run("tls localhost ca", tls.url.replace("127.0.0.1", "localhost"), { ca: testCertificate.cert });
await run("tls altname", tls.url.replace("127.0.0.1", "vm"), { ca: testCertificate.cert });
await run("tls bad key", tls.url, { ca: testCertificate.cert, cert: "x", key: "y" });
await run("http to tls", tls.url.replace("https", "http")); const plain = await createReceiver(); await run("tls to http", plain.url.replace("http", "https"));
await run("userinfo", plain.url.replace("//", "//u:p@"));
for (const host of ["2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]) await run(host, plain.url.replace("127.0.0.1", host), { allowPrivateNetwork: false });
await Promise.all([t.close(), cp.close(), tls.close(), plain.close()]);
