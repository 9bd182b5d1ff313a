import type { Deployment } from "@jackfield/config";
import {
  type Clock,
  ConversationTracker,
  createIntake,
  Dispatcher,
  type InboundSink,
  type IntakeEvent,
  JackfieldError,
  type OpenChannel,
  type Random,
  resumeChangedChannels,
  type Store,
  systemClock,
  threadKey,
  threadOf,
  withDispatchRight,
} from "@jackfield/core";
import type { AgentEvent } from "./agent/agent-event.ts";
import { AgentHost, type HostedAgent, hostAgent } from "./agent-host.ts";
import type { GatewayEvent, ReloadChanges } from "./gateway-event.ts";
import { type ChannelRoutes, createApp } from "./http/app.ts";
import { type HttpAddress, listenHttp } from "./http/server.ts";
import { Listeners } from "./listeners.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import { isSameChannel, openChannels, type RunningChannel } from "./open-channels.ts";

export interface GatewayOptions {
  readonly deployment: Deployment;
  /** The folder in which the configuration stands: relative paths begin there. */
  readonly directory: string;
  readonly store: Store;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of everything that happens. What it throws is reported as an uncaught exception. */
  readonly onEvent?: (event: GatewayEvent) => void;
}

/** The name of the HTTP server among the listeners. */
const serverId = "http";

/**
 * Opens the channels and the agent of a deployment over a store.
 *
 * ```ts
 * const gateway = await openGateway({ deployment, directory: ".", store });
 * await gateway.run(signal);
 * ```
 *
 * @throws JackfieldError `AGENT_INVALID`, and what a channel throws that cannot be made; nothing is open then
 */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const effects = effectsOf(options);
  const agent = await hostAgent(options.deployment.agent, effects);
  try {
    return new Gateway(options, await openChannels(options.deployment.channels, effects), agent);
  } catch (error) {
    await agent?.open.close?.();
    throw error;
  }
}

/** What channels and agents are made with. */
function effectsOf({ clock = systemClock, random = Math.random, directory, onEvent }: GatewayOptions) {
  return { clock, random, directory, onEvent: (event: AgentEvent) => onEvent?.(event) };
}

/**
 * One process that runs a deployment: what comes in over HTTP or through a channel's own connection is stored and acknowledged, the
 * agent has its turns, and what it answers is delivered.
 *
 * Receiving and answering stand side by side and meet in the store only. Receiving begins at once. Turns and deliveries need the right
 * to dispatch the store, and begin when this process has it.
 */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #metrics: Metrics;
  readonly #tracker: ConversationTracker;
  readonly #listeners: Listeners;
  readonly #channels = new Map<string, RunningChannel>();
  #routes: ChannelRoutes = new Map();
  #deployment: Deployment;
  #hosted: HostedAgent | undefined;
  /** Both are there while this process has the right to dispatch. */
  #dispatcher: Dispatcher | undefined;
  #agentHost: AgentHost | undefined;
  /** The last reload; they go one after the other. */
  #reloading: Promise<unknown> = Promise.resolve();
  #isDraining = false;
  #address: HttpAddress | undefined;

  /** Use {@link openGateway}. */
  constructor(options: GatewayOptions, channels: readonly RunningChannel[], agent: HostedAgent | undefined) {
    const { clock, random } = effectsOf(options);
    this.#options = options;
    this.#clock = clock;
    this.#store = options.store;
    this.#deployment = options.deployment;
    this.#hosted = agent;
    this.#tracker = new ConversationTracker({
      threads: options.store.threads,
      clock,
      onTrouble: (error) => this.#tell({ type: "tracker_trouble", error }),
    });
    this.#listeners = new Listeners({
      clock,
      random,
      drainTimeoutMs: options.deployment.gateway.drainTimeoutMs,
      onEvent: (event) => this.#tell(event),
    });
    this.#metrics = createMetrics({
      store: options.store,
      clock,
      listeners: () => this.#listeners.states(),
    });
    for (const channel of channels) this.#channels.set(channel.configured.id, channel);
    this.#updateRoutes();
  }

  /** Where the HTTP server listens; undefined while it does not. */
  get address(): HttpAddress | undefined {
    return this.#address;
  }

  /**
   * Runs until the signal is aborted and what is under way has ended, or was given back; then everything is closed but the store. Can be
   * called once.
   */
  async run(signal: AbortSignal): Promise<void> {
    let drained: Promise<void> | undefined;
    const drain = () => {
      if (drained) return;
      this.#isDraining = true;
      this.#tell({ type: "stopping" });
      drained = this.#listeners.stopAll();
    };
    signal.addEventListener("abort", drain, { once: true });
    if (this.#deployment.gateway.isServed) this.#startServer();
    for (const { open } of this.#channels.values()) this.#receive(open);
    if (signal.aborted) drain();
    try {
      await this.#dispatch(signal);
    } finally {
      signal.removeEventListener("abort", drain);
      drain();
      await this.#reloading;
      await drained;
      await this.#tracker.close();
      await this.#hosted?.open.close?.();
      await Promise.all([...this.#channels.values()].map(({ open }) => open.channel.close?.()));
    }
  }

  async #dispatch(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#store;
    const work = () => this.#work(signal);
    const now = { clock: this.#clock, signal, standby: false };
    if ((await withDispatchRight(outbox, now, work)) !== "elsewhere") return;
    this.#tell({ type: "standing_by" });
    await withDispatchRight(outbox, { ...now, standby: true }, work);
  }

  /** Turns and deliveries, while this process has the right to them. */
  async #work(signal: AbortSignal): Promise<void> {
    const { outbox } = this.#store;
    const { clock, random } = effectsOf(this.#options);
    const { drainTimeoutMs } = this.#deployment.gateway;
    const shared = { clock, random, drainTimeoutMs, onEvent: (event: GatewayEvent) => this.#tell(event) };
    const dispatcher = new Dispatcher({ ...shared, outbox, channels: [...this.#openChannels().values()] });
    const agentHost = new AgentHost({
      ...shared,
      store: this.#store,
      channels: () => this.#openChannels(),
      track: (event) => this.#tracker.track(event),
    });
    await this.#serially(async () => {
      await resumeChangedChannels(outbox, this.#configs());
      this.#dispatcher = dispatcher;
      this.#agentHost = agentHost;
      agentHost.replace(this.#hosted);
    });
    this.#tell({ type: "dispatching", channels: [...this.#channels.keys()] });
    const stopped = Promise.withResolvers<void>();
    const stopAgent = () => stopped.resolve(agentHost.stop());
    signal.addEventListener("abort", stopAgent, { once: true });
    if (signal.aborted) stopAgent();
    await dispatcher.run({ signal });
    await stopped.promise;
    this.#dispatcher = undefined;
    this.#agentHost = undefined;
    this.#hosted = undefined;
  }

  #startServer(): void {
    this.#listeners.start(serverId, (signal) => this.#serve(signal));
  }

  async #serve(signal: AbortSignal): Promise<void> {
    const { gateway } = this.#deployment;
    const app = createApp({
      store: this.#store,
      clock: this.#clock,
      metrics: this.#metrics,
      settings: () => this.#deployment.gateway,
      routes: () => this.#routes,
      channels: () => this.#openChannels(),
      listeners: () => this.#listeners.states(),
      isDraining: () => this.#isDraining,
      onEvent: (event) => this.#tell(event),
    });
    const onListening = (address: HttpAddress) => {
      this.#address = address;
      this.#tell({ type: "listening", address });
    };
    try {
      await listenHttp({ ...gateway, clock: this.#clock, fetch: app.fetch, onListening }, signal);
    } finally {
      this.#address = undefined;
    }
  }

  #receive({ channel }: OpenChannel): void {
    const { receive } = channel;
    if (!receive) return;
    this.#listeners.start(channel.id, (signal) => receive.call(channel, this.#sinkOf(channel.id), signal));
  }

  #sinkOf(channel: string): InboundSink {
    const running = this.#channels.get(channel);
    if (!running) throw new TypeError(`there is no channel "${channel}"`);
    const { threadPolicy: policy } = running.open;
    const { inbox } = this.#store;
    return createIntake({
      channel,
      policy,
      inbox,
      clock: this.#clock,
      onEvent: (event) => this.#taken(event),
    });
  }

  /** What came in is told, and followed as a conversation where it will have a turn. */
  #taken(event: IntakeEvent): void {
    this.#tell(event);
    if (event.type !== "received" || event.received.outcome !== "accepted") return;
    if (event.received.state === "refused") return;
    const { message } = event;
    const thread = threadKey(message.channel, threadOf(message));
    this.#tracker.track({ type: "message", thread, at: message.receivedAt, participant: message.sender });
  }

  #openChannels(): ReadonlyMap<string, OpenChannel> {
    return new Map([...this.#channels].map(([id, { open }]) => [id, open]));
  }

  #configs(): ReadonlyMap<string, unknown> {
    return new Map([...this.#channels].map(([id, { configured }]) => [id, configured.input]));
  }

  #updateRoutes(): void {
    this.#routes = new Map(
      [...this.#channels.values()].flatMap(({ open: { channel, listenPath } }) =>
        listenPath === undefined || !channel.handle
          ? []
          : [[listenPath, { channel, sink: this.#sinkOf(channel.id) }] as const],
      ),
    );
  }

  /**
   * Takes another configuration into force. Channels whose configuration is the same are not touched; those that are gone or changed
   * end what is under way first; new turns are the new agent's. Listeners that were parked try again.
   *
   * @throws what cannot be taken into force; then nothing has changed
   */
  reload(deployment: Deployment): Promise<ReloadChanges> {
    return this.#serially(() => this.#reload(deployment));
  }

  #serially<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#reloading.then(work);
    this.#reloading = Promise.allSettled([result]);
    return result;
  }

  async #reload(deployment: Deployment): Promise<ReloadChanges> {
    const before = this.#deployment;
    this.#assertReloadable(deployment);
    const { added, removed, changed } = this.#compare(deployment);
    const isFresh = ({ id }: { readonly id: string }) => added.includes(id) || changed.includes(id);
    // Whatever can fail comes first.
    const effects = effectsOf(this.#options);
    const opened = await openChannels(deployment.channels.filter(isFresh), effects);
    const hosted = await hostAgent(deployment.agent, effects, this.#hosted).catch(async (error) => {
      await Promise.all(opened.map(({ open }) => open.channel.close?.()));
      throw error;
    });

    this.#deployment = deployment;
    const gone = [...removed, ...changed].flatMap((id) => this.#channels.get(id) ?? []);
    for (const id of removed) this.#channels.delete(id);
    for (const channel of opened) this.#channels.set(channel.configured.id, channel);
    this.#updateRoutes();
    await Promise.all(gone.map(({ open }) => this.#letGo(open)));
    for (const { open } of opened) {
      await this.#dispatcher?.addChannel(open);
      this.#receive(open);
    }
    if (this.#dispatcher) await resumeChangedChannels(this.#store.outbox, this.#configs());
    const agent = hosted !== this.#hosted;
    const replaced = this.#hosted;
    this.#hosted = hosted;
    if (this.#agentHost) this.#agentHost.replace(hosted);
    else if (agent) await replaced?.open.close?.();
    const server = await this.#reloadServer(before);
    this.#listeners.retry();
    const changes = { added, removed, changed, agent, server };
    this.#tell({ type: "reloaded", changes });
    return changes;
  }

  #assertReloadable(deployment: Deployment): void {
    if (this.#isDraining) throw new JackfieldError("SHUTTING_DOWN", "the process shuts down");
    const [now, next] = [this.#deployment.store.url, deployment.store.url];
    if (now === next) return;
    throw new JackfieldError(
      "RELOAD_REFUSED",
      `store.url cannot change while the deployment runs (it is ${now}, and would be ${next}): restart it`,
    );
  }

  #compare({ channels }: Deployment): Pick<ReloadChanges, "added" | "removed" | "changed"> {
    const wanted = new Map(channels.map((channel) => [channel.id, channel]));
    const ids = [...wanted.keys()];
    return {
      added: ids.filter((id) => !this.#channels.has(id)),
      removed: [...this.#channels.keys()].filter((id) => !wanted.has(id)),
      changed: ids.filter((id) => {
        const [now, next] = [this.#channels.get(id), wanted.get(id)];
        return now !== undefined && next !== undefined && !isSameChannel(now.configured, next);
      }),
    };
  }

  /** Ends what a channel has under way, and closes it. */
  async #letGo({ channel }: OpenChannel): Promise<void> {
    await this.#listeners.stop(channel.id);
    await this.#dispatcher?.removeChannel(channel.id);
    await channel.close?.();
  }

  /** Everything but the address is read anew with each request. */
  async #reloadServer({ gateway: before }: Deployment): Promise<boolean> {
    const { gateway } = this.#deployment;
    const keys = ["isServed", "host", "port", "maxConcurrentRequests", "drainTimeoutMs"] as const;
    if (keys.every((key) => gateway[key] === before[key])) return false;
    await this.#listeners.stop(serverId);
    if (gateway.isServed) this.#startServer();
    return true;
  }

  #tell(event: GatewayEvent): void {
    this.#metrics.observe(event);
    this.#options.onEvent?.(event);
  }
}
