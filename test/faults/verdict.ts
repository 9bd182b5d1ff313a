import type { Delivery } from "@jackfield/core";
import { parseTag } from "./tag.ts";
import type { Answer, Arrival } from "./unreliable-receiver.ts";

/** A message whose acceptance was reported before the process that accepted it was killed. */
export interface Acceptance {
  readonly id: string;
  readonly content: string;
}

/** Everything that is known once the last process has ended. */
export interface Evidence {
  readonly accepted: readonly Acceptance[];
  /** In the order in which they came. */
  readonly arrivals: readonly Arrival[];
  /** By the number of a killed process, the deliveries that were in flight in the store when it died. */
  readonly inFlight: ReadonlyMap<number, ReadonlySet<string>>;
  /** What the store holds at the end. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** The most attempts that a delivery has. */
  readonly budget: number;
}

/** What came of it; nothing is wrong where `problems` is empty. */
export interface Verdict {
  readonly delivered: number;
  readonly dead: number;
  /** In the store, but the process died before it could report the acceptance. */
  readonly unreported: number;
  /** Requests that repeat one which was in flight at a kill, by what the receiver had made of that. */
  readonly duplicates: Readonly<Record<Answer, number>>;
  readonly lost: readonly string[];
  readonly problems: readonly string[];
}

/** Holds what the receiver saw against what was accepted. */
export function judge(evidence: Evidence): Verdict {
  const { accepted, deliveries } = evidence;
  const byId = Map.groupBy(evidence.arrivals, ({ id }) => id);
  const duplicates = { accepted: 0, refused: 0, reset: 0, unanswered: 0 };
  const problems: string[] = [];
  for (const [id, arrivals] of byId) problems.push(...problemsOf(id, arrivals, evidence, duplicates));
  for (const [content, arrivals] of Map.groupBy(evidence.arrivals, (arrival) => arrival.content)) {
    const ids = new Set(arrivals.map(({ id }) => id));
    if (ids.size > 1) problems.push(`"${content}" came under ${ids.size} ids: ${[...ids].join(", ")}`);
  }
  for (const { id, content } of accepted) {
    const first = byId.get(id)?.[0];
    if (first && first.content !== content) problems.push(`${id} came with other content than was accepted`);
  }
  problems.push(...orderProblems(evidence.arrivals));
  const lost = accepted.flatMap(({ id }) => whyLost(id, byId.get(id) ?? [], evidence) ?? []);
  const states = [...deliveries.values()].map(({ state }) => state);
  const reported = new Set(accepted.map(({ id }) => id));
  return {
    delivered: states.filter((state) => state === "delivered").length,
    dead: states.filter((state) => state === "dead").length,
    unreported: [...deliveries.keys()].filter((id) => !reported.has(id)).length,
    duplicates,
    lost,
    problems: [...lost, ...problems],
  };
}

/** An accepted message was taken by the receiver, or is a dead letter that used its whole budget; anything else is a loss. */
function whyLost(id: string, arrivals: readonly Arrival[], { deliveries, budget }: Evidence) {
  const delivery = deliveries.get(id);
  if (!delivery) return `${id} was accepted, and the store does not know it`;
  const { state, attempts } = delivery;
  if (state === "delivered") {
    const wasTaken = arrivals.some(({ answer }) => answer === "accepted");
    return wasTaken ? undefined : `${id} is delivered by the store's word, and the receiver never took it`;
  }
  if (state !== "dead") return `${id} was accepted, and at the end it is ${state}`;
  return attempts.length === budget ? undefined : `${id} was given up after ${attempts.length} of ${budget}`;
}

/** What is wrong with the requests of one delivery; counts its duplicates on the way. */
function* problemsOf(
  id: string,
  arrivals: readonly Arrival[],
  { inFlight, deliveries, budget }: Evidence,
  duplicates: Record<Answer, number>,
): Generator<string> {
  const delivery = deliveries.get(id);
  if (!delivery) return yield `${id} came, and the store does not know it`;
  for (const [index, arrival] of arrivals.entries()) {
    const next = arrivals[index + 1];
    if (!next) break;
    if (next.body !== arrival.body) yield `${id} came with another body than at first`;
    const wasInterrupted = next.life !== arrival.life && inFlight.get(arrival.life)?.has(id) === true;
    if (wasInterrupted) duplicates[arrival.answer]++;
    else if (arrival.answer === "accepted") yield `${id} came again after it was taken, with no kill between`;
    else if (arrival.answer === "unanswered") yield `${id} came again before it was answered`;
  }
  const interruptions = [...inFlight.values()].filter((ids) => ids.has(id)).length;
  const attempts = delivery.attempts.length;
  if (attempts > budget) yield `${id} has ${attempts} attempts, and its budget is ${budget}`;
  if (arrivals.length > attempts + interruptions) {
    yield `${id} came ${arrivals.length} times, with ${attempts} attempts on record and ${interruptions} interrupted`;
  }
}

/** In a thread nothing comes before what was accepted earlier, and nothing earlier comes after it. */
function* orderProblems(arrivals: readonly Arrival[]): Generator<string> {
  const latest = new Map<string, number>();
  for (const { content } of arrivals) {
    const { thread, number } = parseTag(content);
    if (thread === undefined) continue;
    const before = latest.get(thread) ?? 0;
    if (number < before) yield `in thread ${thread} number ${number} came after number ${before}`;
    latest.set(thread, Math.max(before, number));
  }
}
