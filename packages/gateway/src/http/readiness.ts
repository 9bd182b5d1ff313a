import { startTimer, version } from "@jackfield/core";
import type { AppParts } from "./app.ts";

/** How long the answers of probes are shown again, in milliseconds: nobody shall use us to knock at other doors. */
const probedForMs = 5000;

/** How long a channel's other side may take to answer its probe, in milliseconds. */
const probeTimeoutMs = 2000;

interface Checked {
  readonly id: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface Readiness {
  readonly isReady: boolean;
  /** For everybody. */
  readonly report: { readonly status: "ready" | "draining" | "not ready"; readonly version: string };
  /** For those who may read: names of hosts stand in it. */
  readonly details: object;
}

type Parts = Pick<AppParts, "store" | "clock" | "channels" | "listeners" | "isDraining">;

/** Whether the deployment can do its work: the store takes writes, and what the channels speak to answers. */
export function createReadiness(parts: Parts): () => Promise<Readiness> {
  let checked: { readonly at: number; readonly results: Promise<readonly Checked[]> } | undefined;
  return async () => {
    const { clock } = parts;
    if (!checked || clock.monotonic() - checked.at >= probedForMs) {
      checked = { at: clock.monotonic(), results: checkAll(parts) };
    }
    const [store, ...channels] = await checked.results;
    const listeners = parts.listeners();
    const isReady =
      !parts.isDraining() &&
      [store, ...channels].every((one) => one?.ok) &&
      listeners.every(({ state }) => state === "up");
    const status = parts.isDraining() ? "draining" : isReady ? "ready" : "not ready";
    return { isReady, report: { status, version }, details: { store, channels, listeners } };
  };
}

async function checkAll(parts: Parts): Promise<readonly Checked[]> {
  return Promise.all([checkStore(parts), ...[...parts.channels().keys()].map((id) => probe(parts, id))]);
}

async function checkStore({ store }: Parts): Promise<Checked> {
  try {
    await store.check();
    return { id: "store", ok: true, detail: "it takes writes" };
  } catch (error) {
    return { id: "store", ok: false, detail: messageOf(error) };
  }
}

async function probe({ channels, clock }: Parts, id: string): Promise<Checked> {
  const channel = channels().get(id)?.channel;
  if (!channel?.probe) return { id, ok: true, detail: "it has no probe" };
  const over = new AbortController();
  const stopTimer = startTimer(clock, probeTimeoutMs, () =>
    over.abort(new Error(`its probe took longer than ${probeTimeoutMs} ms`)),
  );
  try {
    return { id, ...(await channel.probe(over.signal)) };
  } catch (error) {
    return { id, ok: false, detail: messageOf(error) };
  } finally {
    stopTimer();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
