import { createHmac, randomBytes } from "node:crypto";
import { canonicalJson } from "../canonical-json.ts";
import type { Outbox } from "./outbox.ts";

/** How many deliveries one transaction resumes. */
const resumedAtOnce = 500;

/**
 * Lets what waits for a person go on where that person has changed the channel's configuration since it last ran, such as
 * a credential that had been refused.
 *
 * @param configs the configuration of each channel, by id
 * @returns the channels whose configuration has changed
 */
export async function resumeChangedChannels(
  outbox: Outbox,
  configs: ReadonlyMap<string, unknown>,
): Promise<string[]> {
  const records = new Map((await outbox.channels()).map((record) => [record.channel, record]));
  const changed: string[] = [];
  for (const [channel, config] of configs) {
    const digest = records.get(channel)?.configDigest;
    if (digest !== undefined && digestOf(config, digest.split("$", 1)[0]) === digest) continue;
    if (digest !== undefined) {
      changed.push(channel);
      await resumeChannel(outbox, channel);
    }
    // After the resuming: a crash in between resumes again, which changes nothing.
    await outbox.setConfigDigest(channel, digestOf(config));
  }
  return changed;
}

/** Lifts a channel's suspension and lets all of its paused deliveries go on. @returns how many did */
export async function resumeChannel(outbox: Outbox, channel: string): Promise<number> {
  await outbox.unsuspend(channel);
  let changed = 0;
  let after: string | undefined;
  do {
    const request = { filter: { channel, states: ["paused"] as const }, limit: resumedAtOnce };
    const result = await outbox.resume(after === undefined ? request : { ...request, after });
    changed += result.changed;
    after = result.next;
  } while (after !== undefined);
  return changed;
}

/** Under a salt of its own: the file must not tell whether a guessed secret is the right one any faster than it has to. */
function digestOf(config: unknown, salt = randomBytes(16).toString("hex")): string {
  return `${salt}$${createHmac("sha256", salt).update(canonicalJson(config)).digest("hex")}`;
}
