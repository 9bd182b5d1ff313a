import type { AgentContext, InboundMessage } from "@jackfield/core";

/** What an agent outside of our process is told of its turn. */
export function turnParams(message: InboundMessage, { thread, turn }: AgentContext): object {
  const { id, merged, dropped } = thread;
  return { message, thread: { id, merged, dropped }, turn };
}
