import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { InboundRecord } from "@jackfield/core";
import { createReceiver } from "@jackfield/testkit";
import { openSqliteStore } from "jackfield";
import { Webhook } from "standardwebhooks";
import { type Child, startJackfield } from "./child.ts";
import { createFaultDeployment } from "./deployment.ts";
import type { KillAt } from "./kill-points.ts";

/** Where a gateway is killed: around the Nth commit or request, or by its own agent in the Nth turn. */
export type GatewayKill = KillAt | { readonly point: "in-turn"; readonly time: number };

export interface GatewayTrialOptions {
  /** One after the other, each in a process of its own; the last process is left alone. */
  readonly kills: readonly GatewayKill[];
  readonly threads: number;
  readonly messagesPerThread: number;
}

export interface GatewayTrialReport {
  readonly kills: number;
  /** Messages that were acknowledged. */
  readonly accepted: number;
  /** Requests at the receiver that repeat the id of another one. */
  readonly repeatedRequests: number;
  readonly problems: readonly string[];
}

/** How long the last process may take to answer everything, in milliseconds. */
const finishTimeoutMs = 30_000;

const secret = `whsec_${Buffer.alloc(32, "faults").toString("base64")}`;

/** Answers each message once, and kills its process in the turn that it was told. */
const agent = `let turns = 0;
export const agent = async (message) => {
  turns++;
  if (process.env.JACKFIELD_FAULTS_KILL_IN_TURN === String(turns)) process.kill(process.pid, "SIGKILL");
  return "answer to " + message.content;
};
`;

/**
 * A gateway that is killed again and again while a sender does what an honest one does: it repeats a message under its id until it was
 * acknowledged. In the end every message was answered, and whoever goes by the ids of the answers saw each exactly once.
 */
export async function runGatewayTrial(options: GatewayTrialOptions): Promise<GatewayTrialReport> {
  const answers: { readonly id: string; readonly content: string }[] = [];
  await using receiver = await createReceiver({
    onRequest: ({ headers, body }) => {
      const { content } = JSON.parse(body.toString()) as { content: string };
      answers.push({ id: headers["webhook-id"] ?? "", content });
    },
  });
  using deployment = createFaultDeployment(receiver.url, [
    'verify = "standard"',
    "threadRateLimit = 0",
    "retryBaseDelayMs = 20",
    "[gateway]",
    "port = 0",
    "[agent]",
    'module = "./agent.mjs"',
    "retryBaseDelayMs = 20",
  ]);
  writeFileSync(join(deployment.folder, "agent.mjs"), agent);

  const problems: string[] = [];
  const accepted = new Map<string, string>();
  let url: string | undefined;
  const sending = Array.from({ length: options.threads }, async (_, thread) => {
    for (let number = 0; number < options.messagesPerThread; number++) {
      const content = `t${thread} ${number}`;
      const id = await sendUntilAccepted(() => url, { content, threadId: `t${thread}` });
      accepted.set(content, id);
    }
  });
  const sent = Promise.all(sending);

  let kills = 0;
  for (const [index, kill] of [...options.kills, undefined].entries()) {
    await using child = startGateway(deployment, index + 1, kill);
    await child.said('"type":"listening"');
    url = addressIn(child);
    const isAnswered = () => new Set(answers.map(({ content }) => content)).size;
    if (kill) {
      if (await killedItself(child, 5000)) kills++;
      url = undefined;
      continue;
    }
    await sent;
    const expected = options.threads * options.messagesPerThread;
    const giveUpAt = performance.now() + finishTimeoutMs;
    while (isAnswered() < expected && performance.now() < giveUpAt) await sleep(20);
    child.signal("SIGTERM");
    const { code } = await child.ended;
    if (code !== 0) problems.push(`the last process ended with ${code}: ${child.err.slice(-3).join(" | ")}`);
  }

  for (const [content, id] of accepted) {
    const record = await recordOf(deployment.storeFile, id);
    if (record?.state !== "handled")
      problems.push(`"${content}" (${id}) was acknowledged, and is ${record?.state}`);
    const ids = new Set(
      answers.filter((answer) => answer.content === `answer to ${content}`).map((answer) => answer.id),
    );
    if (ids.size !== 1) problems.push(`"${content}" (${id}) was answered under ${ids.size} ids`);
  }
  problems.push(...orderProblems(answers));
  const repeatedRequests = answers.length - new Set(answers.map(({ id }) => id)).size;
  return { kills, accepted: accepted.size, repeatedRequests, problems };
}

function startGateway(
  deployment: Parameters<typeof startJackfield>[1]["deployment"],
  life: number,
  kill: GatewayKill | undefined,
): Child {
  const { point, time } = kill ?? {};
  const inTurn = point === "in-turn" ? { JACKFIELD_FAULTS_KILL_IN_TURN: String(time) } : {};
  const killAt = kill && kill.point !== "in-turn" ? { killAt: kill } : {};
  return startJackfield(["run"], { deployment, life, env: inTurn, ...killAt });
}

/** Waits for a process to kill itself; one that never passes its point is ended from outside. @returns whether it did */
async function killedItself(child: Child, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  let isForced = false;
  void sleep(timeoutMs, undefined, { signal: timer.signal }).then(
    () => {
      isForced = true;
      child.signal("SIGKILL");
    },
    () => undefined,
  );
  const { signal } = await child.ended;
  timer.abort();
  return signal === "SIGKILL" && !isForced;
}

function addressIn({ err }: Child): string | undefined {
  return err.map((line) => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]).find((found) => found !== undefined);
}

/** Sends under one id until somebody acknowledges it. @returns the id under which it is kept */
async function sendUntilAccepted(
  urlNow: () => string | undefined,
  message: { readonly content: string; readonly threadId: string },
): Promise<string> {
  const body = JSON.stringify({ ...message, sender: "alice" });
  const id = `sender-${message.content.replace(" ", "-")}`;
  for (;;) {
    const url = urlNow();
    const kept = url === undefined ? undefined : await post(`${url}/webhook/ops`, id, body);
    if (kept !== undefined) return kept;
    await sleep(15);
  }
}

async function post(url: string, id: string, body: string): Promise<string | undefined> {
  const now = new Date();
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, now, body),
  };
  try {
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(2000) });
    const answer = (await response.json()) as { id?: string };
    return response.status === 202 ? answer.id : undefined;
  } catch {
    // The process has died under the request, or is not there yet: whether it was stored, its sender cannot know.
    return undefined;
  }
}

async function recordOf(path: string, id: string): Promise<InboundRecord | undefined> {
  const store = openSqliteStore({ path });
  try {
    return await store.inbox.get(id);
  } finally {
    await store.close();
  }
}

/** By the first time that each answer came, a thread's answers are in the order of its questions. */
function orderProblems(answers: readonly { readonly content: string }[]): string[] {
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  return answers.flatMap(({ content }) => {
    if (seen.has(content)) return [];
    seen.add(content);
    const [thread = "", number = ""] = content.replace("answer to ", "").split(" ");
    const before = latest.get(thread) ?? -1;
    latest.set(thread, Number(number));
    return Number(number) < before ? [`in thread ${thread} ${number} was answered after ${before}`] : [];
  });
}
