import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  type Claim,
  createInbound,
  createMessage,
  createThreadPolicy,
  type InboundDraft,
  type MessageDraft,
  type NewDelivery,
  type NewInbound,
  type Settlement,
  type TurnClaim,
  type TurnSettlement,
} from "@jackfield/core";

export const channel = "box.one";
export const limits = new Map([[channel, 1000]]);

export function draft(draft: Partial<MessageDraft> = {}): NewDelivery {
  return { channel, message: createMessage({ content: "hello", ...draft }, Date.now()) };
}

export function delivered({ id, token, attemptsMade }: Claim): Settlement {
  const attempt = { number: attemptsMade + 1, at: Date.now(), durationMs: 1, status: 200 };
  return { id, token, event: "deliver", attempt, receipt: { status: 200 } };
}

/** A message of the thread `t`, under no rate limit unless the policy names one. */
export function inbound(
  draft: Partial<InboundDraft> = {},
  policy: Parameters<typeof createThreadPolicy>[0] = {},
): NewInbound {
  const whole = { sender: "alice", threadId: "t", content: "hello", ...draft };
  return {
    message: createInbound(whole, channel, Date.now()),
    policy: createThreadPolicy({ threadRateLimit: 0, ...policy }),
  };
}

export function handled(
  { id, token, turnsMade }: TurnClaim,
  answers: readonly NewDelivery[] = [],
): TurnSettlement {
  return {
    id,
    token,
    event: "handle",
    turn: { number: turnsMade + 1, at: Date.now(), durationMs: 1 },
    answers,
  };
}

/** A folder of its own, gone with the test. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "jackfield-store-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Another process with the store open; see `other-process.ts`. */
export interface OtherProcess extends AsyncDisposable {
  /** Has it do something, and gives its answer. */
  ask(command: string): Promise<string>;
  /** Ends it without a warning. */
  kill(): Promise<void>;
}

/** @param uid as whom it runs, where that is somebody else */
export async function startOtherProcess(path: string, uid?: number): Promise<OtherProcess> {
  const script = fileURLToPath(new URL("./other-process.ts", import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ["--conditions=@jackfield/source", script, path], {
    stdio: ["pipe", "pipe", "inherit"],
    ...(uid === undefined ? {} : { uid }),
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError("the other process has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error("the other process ended before it answered");
    return String(value);
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  await next();
  return {
    kill,
    ask(command) {
      stdin.write(`${command}\n`);
      return next();
    },
    [Symbol.asyncDispose]: kill,
  };
}
