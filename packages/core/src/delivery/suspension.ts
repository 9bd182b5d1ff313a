import type { Outbox } from "./outbox.ts";

/** A channel that waits for a person. */
export interface Suspension {
  readonly channel: string;
  readonly reason: string;
  /** What a person is told: why, and what lets it go on. */
  readonly text: string;
}

/** The channels that are suspended. */
export async function suspensionsIn(outbox: Outbox): Promise<readonly Suspension[]> {
  return (await outbox.channels()).flatMap(({ channel, suspendedAt, reason = "no reason was kept" }) =>
    suspendedAt === undefined ? [] : [{ channel, reason, text: suspensionText(channel, reason) }],
  );
}

/** What a person is told about a channel that is suspended. */
export function suspensionText(channel: string, reason: string): string {
  return `${channel} is suspended: ${reason}. Mend the cause; a changed configuration or "jackfield deliveries resume --channel ${channel}" lets it go on.`;
}
