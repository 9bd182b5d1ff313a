/**
 * A thread is one conversation on one channel: the same name on another channel is another thread. Its id is
 * `channel/name`, such as `webhook.ops/incident-7`.
 */
export function threadKey(channel: string, name: string): string {
  return `${channel}/${name}`;
}

/** The channel and the name in a thread's id; undefined for a text that is none. */
export function parseThreadKey(id: string): { readonly channel: string; readonly name: string } | undefined {
  // Ids of channels have no slash; names of threads may have any number.
  const slash = id.indexOf("/");
  return slash < 1 ? undefined : { channel: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** The name of a thread: the platform's, or `@sender` for the conversation that a sender has with us outside of any. */
export function threadNameOf(threadId: string | undefined, sender: string): string {
  return threadId ?? `@${sender}`;
}
