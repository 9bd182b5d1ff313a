import type * as z from "zod";
import type { Clock, Random } from "../clock.ts";
import { JackfieldError } from "../error.ts";
import type { InboundSink } from "../inbox/inbound-sink.ts";
import { retryFields } from "../retry/retry-policy.ts";
import type { Capabilities } from "./capabilities.ts";
import type { OutboundMessage } from "./message.ts";

/** The version of the contract that this package speaks; a channel type says which one it was written for. */
export const contractVersion = 1;

/** What a channel is told about the attempt it is about to make. */
export interface Attempt {
  /** 1 for the first attempt. */
  readonly number: number;
  /** An earlier attempt may have arrived: an answer that means "already done" then means delivered. */
  readonly maybeArrived: boolean;
  /** Aborted when the attempt has to end; absent where nobody can cancel it. */
  readonly signal?: AbortSignal;
}

/** What a channel returns for a delivered message. */
export interface Receipt {
  /** The other side's own id of the message. */
  readonly remoteId?: string;
  /** The status of the answer, where the protocol has HTTP's statuses. */
  readonly status?: number;
  /** The other side said that it had the message already. */
  readonly duplicate?: boolean;
  /** A piece of the answer, fit to be shown. */
  readonly response?: string;
}

/** The result of {@link Channel.probe}: what was found, in words, whether good or bad. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly detail: string;
}

/** One configured connection to one platform. */
export interface Channel {
  /** `type.alias`, such as `webhook.ops`; its name everywhere. */
  readonly id: string;
  readonly capabilities: Capabilities;
  /**
   * Makes exactly one attempt: never retries, never sleeps.
   *
   * @throws DeliveryError, and with its signal's reason when `attempt.signal` is aborted
   */
  deliver(message: OutboundMessage, attempt: Attempt): Promise<Receipt>;
  /**
   * Takes a request of a platform that calls us, at {@link ChannelType.listenPath}. It verifies the raw bytes before it parses them, hands the
   * message to the sink, and answers once that has it; see `acknowledge`. An error that it throws is answered with 503.
   */
  handle?(request: Request, sink: InboundSink): Promise<Response>;
  /**
   * Polls a platform, or keeps a socket to it, until the signal is aborted. It is restarted when it rejects, with backoff; a
   * {@link ListenerError} says that no restart would help.
   */
  receive?(sink: InboundSink, signal: AbortSignal): Promise<void>;
  /** Replaces a message that was delivered, by the `remoteId` of its receipt; in all else like {@link deliver}. */
  edit?(remoteId: string, message: OutboundMessage, attempt: Attempt): Promise<Receipt>;
  /** Shows that an answer is being made. What it throws is logged, and nothing else. */
  typing?(
    thread: { readonly threadId?: string; readonly recipient?: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** A real check that the other side can be reached and would accept us; sends no message. */
  probe?(signal?: AbortSignal): Promise<ProbeResult>;
  /** Gives back sockets and timers. Called once, after the last attempt has ended. */
  close?(): Promise<void>;
}

/** What a channel gets from the process that it runs in. */
export interface ChannelHost {
  /** The id that the channel has to carry. */
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A zod object that has the retry fields among its own. */
export type ChannelConfigSchema = z.ZodObject<typeof retryFields & z.core.$ZodShape>;

/** A kind of channel, such as `webhook`: how its configuration looks and how a channel is made from it. */
export interface ChannelType<Config extends ChannelConfigSchema = ChannelConfigSchema> {
  /** The {@link contractVersion} that it was written for. */
  readonly contract: typeof contractVersion;
  /** Its name in TOML: `[channels.<type>.<alias>]`. Lower-case letters, digits and dashes. */
  readonly type: string;
  /** One sentence for lists and for the reference. */
  readonly description: string;
  /** Defaults, validation, JSON Schema, `config show`, redaction and the reference all come from here. */
  readonly config: Config;
  /** What a channel of this type can do at the most; an instance may declare less. */
  readonly capabilities: Capabilities;
  /** The path that the gateway serves with {@link Channel.handle}; undefined where a channel with this configuration takes no requests. */
  listenPath?(config: z.output<Config>, alias: string): string | undefined;
  create(config: z.output<Config>, host: ChannelHost): Channel | Promise<Channel>;
}

/**
 * Declares a channel type.
 *
 * ```ts
 * export const pager = defineChannel({
 *   contract: 1,
 *   type: "pager",
 *   description: "Rings a pager.",
 *   config: z.strictObject({ ...retryFields, number: z.string().describe("Whom to ring.") }),
 *   capabilities: { carries: [], members: [] },
 *   create: (config, host) => ({ id: host.id, capabilities: pager.capabilities, deliver: ... }),
 * });
 * ```
 *
 * @throws JackfieldError `CHANNEL_TYPE_INVALID` where the declaration breaks the contract
 */
export function defineChannel<Config extends ChannelConfigSchema>(
  type: ChannelType<Config>,
): ChannelType<Config> {
  const problem = problemOf(type);
  if (problem) throw new JackfieldError("CHANNEL_TYPE_INVALID", `channel type "${type.type}": ${problem}`);
  return type;
}

function problemOf(type: ChannelType<ChannelConfigSchema>): string | undefined {
  if (type.contract !== contractVersion) {
    return `it was written for contract ${type.contract}, this is contract ${contractVersion}: install versions that agree`;
  }
  if (!/^[a-z][a-z0-9-]*$/.test(type.type)) {
    return "its name must be lower-case letters, digits and dashes, beginning with a letter";
  }
  const missing = Object.keys(retryFields).find((field) => !(field in type.config.shape));
  if (missing) return `its config lacks "${missing}": spread retryFields into it`;
  return undefined;
}
