// Dispatches a store with a lease and a drain time that are as short as it is told.

import { Dispatcher, systemClock, withDispatchRight } from "@jackfield/core";
import { channelTypes, loadConfig, openChannel, openSqliteStore } from "jackfield";

const [configFile = "", storeFile = "", leaseMs = "", drainTimeoutMs = ""] = process.argv.slice(2);
const { deployment } = await loadConfig({ path: configFile, types: channelTypes, env: process.env });
const store = openSqliteStore({ path: storeFile });
const channels = await Promise.all(
  deployment.channels.map(({ type, alias, input }) => openChannel(type, alias, input)),
);
const terminated = new AbortController();
process.once("SIGTERM", () => terminated.abort());
const dispatcher = new Dispatcher({
  outbox: store.outbox,
  channels,
  leaseMs: Number(leaseMs),
  drainTimeoutMs: Number(drainTimeoutMs),
  onEvent: ({ type }) => console.error(type),
});
console.error("dispatching");
const { signal } = terminated;
await withDispatchRight(store.outbox, { clock: systemClock, signal, standby: true }, () =>
  dispatcher.run({ signal }),
);
await Promise.all(channels.map(({ channel }) => channel.close?.()));
await store.close();
