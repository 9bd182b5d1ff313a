import { dirname } from "node:path";
import { createInterface } from "node:readline";
import {
  createDispatchPolicy,
  createIntake,
  createRetryPolicy,
  createThreadPolicy,
  createTurnPolicy,
  Dispatcher,
  JackfieldError,
  type OpenChannel,
  systemClock,
  type TurnEvent,
  TurnRunner,
} from "@jackfield/core";
import { type AgentEvent, openAgent } from "@jackfield/gateway";
import { openSqliteStore } from "@jackfield/store-sqlite";
import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { printable, type Terminal } from "../terminal.ts";

/** The channel of the conversation; it exists for as long as that. */
const channelId = "console.chat";

/** A conversation with the agent in the terminal: each line is a message, and nothing of it is kept. */
export async function runChat(
  terminal: Terminal,
  options: ConfigOption & { readonly as: string },
): Promise<number> {
  const { absolutePath, path, deployment } = await loadDeployment(options);
  const settings = deployment.agent;
  if (!settings) {
    throw new JackfieldError("USAGE", `${path} has no [agent]: add one, such as module = "./agent.ts"`);
  }
  const clock = systemClock;
  const onEvent = (event: AgentEvent | TurnEvent) => show(terminal, event);
  const directory = dirname(absolutePath);
  const agent = await openAgent({ config: settings, directory, clock, random: Math.random, onEvent });
  const store = openSqliteStore({ path: ":memory:" });
  const channel = createConversation(terminal);
  const shared = { clock, onEvent: () => undefined };
  const sink = createIntake({
    ...shared,
    channel: channelId,
    policy: channel.threadPolicy,
    inbox: store.inbox,
  });
  const stopping = new AbortController();
  const dispatcher = new Dispatcher({ ...shared, outbox: store.outbox, channels: [channel] });
  const runner = new TurnRunner({
    store,
    agent,
    policy: createTurnPolicy(settings),
    channels: () => new Map([[channelId, channel]]),
    onEvent,
  });
  const running = [dispatcher.run({ signal: stopping.signal }), runner.run(stopping.signal)];
  terminal.err("a conversation with the agent; Ctrl-D ends it");
  try {
    const lines = createInterface({ input: process.stdin });
    process.once("SIGINT", () => lines.close());
    for await (const content of lines) {
      if (content.trim() === "") continue;
      await sink.accept({ sender: options.as, content, threadId: "chat" });
    }
    await answered(store);
    return exitCodes.done;
  } finally {
    stopping.abort();
    await Promise.all(running);
    await agent.close?.();
    await store.close();
  }
}

/** Resolves when everything was answered, and every answer printed; a pipe ends before its answers. */
async function answered({ inbox, outbox }: ReturnType<typeof openSqliteStore>): Promise<void> {
  const open = ["waiting", "running", "retrying", "queued", "sending"];
  for (;;) {
    const counts = [...(await inbox.counts()), ...(await outbox.counts())];
    if (!counts.some(({ state, count }) => count > 0 && open.includes(state))) return;
    await systemClock.sleep(20);
  }
}

/** The terminal as a channel that can edit: text that is being made is printed as it grows. */
function createConversation(terminal: Terminal): OpenChannel {
  const printed = new Map<string, string>();
  let posted = 0;
  return {
    retryPolicy: createRetryPolicy({ maxRetries: 0 }),
    dispatchPolicy: createDispatchPolicy(),
    threadPolicy: createThreadPolicy({ threadRateLimit: 0 }),
    channel: {
      id: channelId,
      capabilities: {
        carries: ["threadId", "recipient", "subject", "data", "attachments"],
        members: ["edit"],
      },
      async deliver({ content }) {
        const remoteId = `line-${++posted}`;
        printed.set(remoteId, content);
        terminal.out(printable(content));
        return { remoteId };
      },
      async edit(remoteId, { content }) {
        const before = printed.get(remoteId) ?? "";
        printed.set(remoteId, content);
        const rest = content.startsWith(before) ? content.slice(before.length) : content;
        if (rest !== "") terminal.out(printable(rest));
        return { remoteId };
      },
    },
  };
}

function show(terminal: Terminal, event: AgentEvent | TurnEvent): void {
  const say = (text: string) => terminal.err(terminal.style("dim", printable(text)));
  switch (event.type) {
    case "turn":
      if (event.turn.failure)
        say(`(turn ${event.turn.number} ${event.outcome}: ${event.turn.failure.message})`);
      return;
    case "agent_log":
      say(`(${event.level}: ${event.text})`);
      return;
    case "agent_stderr":
      say(`(agent: ${event.line})`);
      return;
    case "agent_died":
      say(`(the agent has died: ${event.how})`);
  }
}
