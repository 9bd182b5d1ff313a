/** What a test message says of itself: its place in the order of acceptance, and its thread. */
export interface Tag {
  readonly thread: string | undefined;
  /** Messages of a thread are accepted in the order of their numbers. */
  readonly number: number;
}

export function formatTag({ thread, number }: Tag): string {
  return `${thread ?? ""}#${number}`;
}

/** @throws TypeError for content that the harness did not write */
export function parseTag(content: string): Tag {
  const [, thread, number] = /^(\w*)#(\d+)$/.exec(content) ?? [];
  if (thread === undefined || number === undefined) {
    throw new TypeError(`"${content}" is no message of the harness: it should read thread#number`);
  }
  return { thread: thread || undefined, number: Number(number) };
}
