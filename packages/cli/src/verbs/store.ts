import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { openConfiguredStore } from "../store.ts";
import { printable, size, type Terminal, table } from "../terminal.ts";

export async function runStoreStats(
  terminal: Terminal,
  options: ConfigOption & { readonly json?: boolean },
): Promise<void> {
  const store = await openConfiguredStore(await loadDeployment(options));
  try {
    const { location, bytes, freeBytes } = await store.stats();
    const counts = await store.outbox.counts();
    const suspended = (await store.outbox.channels()).filter(({ suspendedAt }) => suspendedAt !== undefined);
    if (options.json) {
      const channels = suspended.map(({ channel, reason }) => ({ channel, reason }));
      terminal.out(
        JSON.stringify({ location, bytes, freeBytes, deliveries: counts, suspended: channels }, undefined, 2),
      );
      return;
    }
    terminal.out(`${location}  ${size(bytes)}, of which ${size(freeBytes)} free`);
    const rows = counts.map(({ channel, state, count }) => [channel, state, String(count)]);
    terminal.out(table([["CHANNEL", "STATE", "DELIVERIES"], ...rows]));
    for (const { channel, reason } of suspended)
      terminal.out(printable(`${channel} is suspended: ${reason}`));
  } finally {
    await store.close();
  }
}

export async function runStorePrune(
  terminal: Terminal,
  options: ConfigOption & { readonly deliveredBefore: number; readonly json?: boolean },
): Promise<void> {
  const store = await openConfiguredStore(await loadDeployment(options));
  try {
    const { deleted } = await store.prune({ deliveredBeforeMs: options.deliveredBefore });
    terminal.out(options.json ? JSON.stringify({ deleted }) : `deleted ${deleted}`);
  } finally {
    await store.close();
  }
}
