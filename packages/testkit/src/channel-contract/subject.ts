import type { ChannelConfigSchema, ChannelType, MessageDraft } from "@jackfield/core";
import type { FaultDetails, FaultName } from "./faults.ts";

/** Another side that runs, for one channel. */
export interface RunningRemote<Config> {
  /** The configuration with which a channel reaches it. */
  readonly config: Config;
  /** Each attempt that has reached it, in full and as text: what was sent, decoded so far that the words can be found. */
  received(): readonly string[];
  close?(): Promise<void>;
}

/** How the suite gets another side to talk to; {@link httpRemote} is the one for HTTP. */
export interface Remote<Config> {
  /** The faults that `start` can be asked for, each with what the failure must say of it. The others are skipped. */
  readonly faults?: Partial<Readonly<Record<FaultName, FaultDetails>>>;
  /** Starts another side of its own: in good health, or with a fault at every attempt. */
  start(fault?: FaultName): Promise<RunningRemote<Config>>;
}

/** What the channel contract is checked against. */
export interface ContractSubject<Config extends ChannelConfigSchema = ChannelConfigSchema> {
  readonly type: ChannelType<Config>;
  readonly remote: Remote<Config["_zod"]["input"]>;
  /** Every secret in the configuration that `remote` gives, word for word: none may be shown by anything. */
  readonly secrets?: readonly string[];
  /** What is sent. Needed where a field has a form, such as an address; every other field is made up. */
  readonly message?: Partial<MessageDraft>;
  /** How long the suite waits, in milliseconds, for what must happen at once. Default: 5000. */
  readonly patienceMs?: number;
}

/** The faults that can be had, of those that are wanted. */
export function faultsOf<Name extends FaultName>(
  { remote }: ContractSubject,
  wanted: readonly Name[],
): readonly Name[] {
  return wanted.filter((name) => remote.faults?.[name] !== undefined);
}
