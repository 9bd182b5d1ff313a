import type { Clock, Store } from "@jackfield/core";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { GatewayEvent } from "../gateway-event.ts";
import type { ListenerState } from "../supervisor/supervise.ts";

/** How long what was counted in the store is shown again, in milliseconds: a scrape must not make the store count each time. */
const countedForMs = 5000;

/** What `/metrics` shows. */
export interface Metrics {
  observe(event: GatewayEvent): void;
  /** The text that Prometheus reads. */
  render(): Promise<{ readonly text: string; readonly contentType: string }>;
}

export interface MetricsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly listeners: () => readonly ListenerState[];
}

export function createMetrics({ store, clock, listeners }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const seconds = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300];
  const inbound = new Counter({
    name: "jackfield_inbound_total",
    help: "Messages that came in, by what became of them.",
    labelNames: ["channel", "outcome"],
    registers,
  });
  const turns = new Counter({
    name: "jackfield_turns_total",
    help: "Turns of the agent, by how they ended.",
    labelNames: ["channel", "outcome"],
    registers,
  });
  const turnSeconds = new Histogram({
    name: "jackfield_turn_duration_seconds",
    help: "How long turns took.",
    buckets: seconds,
    registers,
  });
  const attempts = new Counter({
    name: "jackfield_attempts_total",
    help: "Attempts to deliver, by how they ended.",
    labelNames: ["channel", "outcome"],
    registers,
  });
  const attemptSeconds = new Histogram({
    name: "jackfield_attempt_duration_seconds",
    help: "How long attempts took.",
    labelNames: ["channel"],
    buckets: seconds,
    registers,
  });
  const deliveries = new Gauge({
    name: "jackfield_deliveries",
    help: "Deliveries in the store.",
    labelNames: ["channel", "state"],
    registers,
  });
  const messages = new Gauge({
    name: "jackfield_inbox",
    help: "Inbound messages in the store.",
    labelNames: ["state"],
    registers,
  });
  const up = new Gauge({
    name: "jackfield_listener_up",
    help: "Whether a listener is up.",
    labelNames: ["listener"],
    registers,
  });
  let countedAt = Number.NEGATIVE_INFINITY;

  async function count(): Promise<void> {
    const now = clock.monotonic();
    if (now - countedAt < countedForMs) return;
    countedAt = now;
    const [outbox, inbox] = [await store.outbox.counts(), await store.inbox.counts()];
    deliveries.reset();
    messages.reset();
    for (const { channel, state, count } of outbox) deliveries.set({ channel, state }, count);
    for (const { state, count } of inbox) messages.set({ state }, count);
  }

  return {
    observe(event) {
      switch (event.type) {
        case "received": {
          const { received, message } = event;
          const outcome = received.outcome === "accepted" ? received.state : received.outcome;
          return inbound.inc({ channel: message.channel, outcome });
        }
        case "turned_away":
          return inbound.inc({ channel: event.channel, outcome: "turned_away" });
        case "turn":
          turns.inc({ channel: event.channel, outcome: event.outcome });
          return turnSeconds.observe((event.turn.durationMs ?? 0) / 1000);
        case "attempt":
          attempts.inc({ channel: event.channel, outcome: event.attempt.failure?.kind ?? "delivered" });
          return attemptSeconds.observe({ channel: event.channel }, event.attempt.durationMs / 1000);
      }
    },
    async render() {
      await count();
      up.reset();
      for (const { id, state } of listeners()) up.set({ listener: id }, state === "up" ? 1 : 0);
      return { text: await registry.metrics(), contentType: registry.contentType };
    },
  };
}
