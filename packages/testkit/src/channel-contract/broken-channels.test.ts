import {
  type Channel,
  type ChannelHost,
  DeliveryError,
  isDeliveryError,
  messageFields,
  type Receipt,
  toDeliveryError,
} from "@jackfield/core";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { channelContract } from "./channel-contract.ts";
import { type PagerConfig, type PagerType, pager, pagerSubject } from "./test-support.ts";

type Deliver = Channel["deliver"];

/** The pager, with members of its channel replaced. */
function withChannel(
  change: (channel: Channel, host: ChannelHost, config: z.output<PagerConfig>) => Partial<Channel>,
): Partial<PagerType> {
  return {
    create: async (config, host) => {
      const channel = await pager.create(config, host);
      return { ...channel, ...change(channel, host, config) };
    },
  };
}

const withDeliver = (change: (deliver: Deliver, host: ChannelHost) => Deliver) =>
  withChannel(({ deliver }, host) => ({ deliver: change(deliver, host) }));

/** The pager, with its failures replaced. */
const withFailure = (change: (error: unknown) => unknown) =>
  withDeliver((deliver) => async (message, attempt) => {
    try {
      return await deliver(message, attempt);
    } catch (error) {
      throw change(error);
    }
  });

const againOn = (isTempting: (error: DeliveryError) => boolean) =>
  withDeliver((deliver) => async (message, attempt) => {
    try {
      return await deliver(message, attempt);
    } catch (error) {
      if (isDeliveryError(error) && isTempting(error)) return deliver(message, attempt);
      throw error;
    }
  });

/** Says of the failures that `applies` picks something else. */
const misreport = (
  applies: (error: DeliveryError) => boolean,
  change: Partial<Pick<DeliveryError, "kind" | "status" | "retryAfterMs" | "ambiguous">>,
) =>
  withFailure((error) => {
    if (!isDeliveryError(error) || !applies(error)) return error;
    const { kind, status, retryAfterMs, ambiguous } = error;
    const failure = { kind, ambiguous, ...(status && { status }), ...(retryAfterMs && { retryAfterMs }) };
    return new DeliveryError(error.message, { ...failure, ...change });
  });

const shape = pager.config.shape;
const hasStatus = (status: number) => (error: DeliveryError) => error.status === status;
const kindRule = (event: string, kind: string) =>
  `when ${event}, deliver() rejects with a DeliveryError of kind ${kind}`;

describe("a channel breaks one rule", () => {
  const broken: [string, string, Partial<PagerType>][] = [
    [
      "the type is one that defineChannel accepts",
      "by a contract that is not ours",
      { contract: 2 as never },
    ],
    [
      "every field of the config says in a description what it is for",
      "by a field without a description",
      { config: pager.config.extend({ volume: z.int().default(1) }) as PagerConfig },
    ],
    [
      "a parsed config parses to itself, its defaults included",
      "by a default that grows",
      {
        config: pager.config.extend({
          timeoutMs: z
            .int()
            .default(1_000)
            .describe("A timeout.")
            .overwrite((ms) => ms + 1),
        } as never) as PagerConfig,
      },
    ],
    [
      "a key that the config does not know is refused",
      "by a config that is not strict",
      { config: z.object(shape) as never },
    ],
    [
      "every channel carries the id that its host gave it",
      "by an id of its own",
      withChannel(() => ({ id: "pager.first" })),
    ],
    [
      "what a channel can do is within what its type can do",
      "by a field that its type does not carry",
      { capabilities: { carries: ["subject"], members: ["probe"] } },
    ],
    [
      "what a channel can do is within what its type can do",
      "by a member that its type does not have",
      { capabilities: { carries: pager.capabilities.carries, members: [] } },
    ],
    [
      "what a channel can do is within what its type can do",
      "by longer content than that of its type",
      { capabilities: { ...pager.capabilities, maxContentLength: 100 } },
    ],
    [
      "a channel has the optional members that it declares, and no others",
      "by a probe that it does not declare",
      withChannel(() => ({ capabilities: { carries: ["subject", "data"], members: [] } })),
    ],
    [
      "deliver() makes one attempt and resolves with a receipt",
      "by sending twice when all is well",
      withDeliver((deliver) => async (message, attempt) => {
        await deliver(message, attempt);
        return deliver(message, attempt);
      }),
    ],
    [
      "deliver() makes one attempt and resolves with a receipt",
      "by resolving with nothing",
      withDeliver((deliver) => async (message, attempt) => {
        await deliver(message, attempt);
        return undefined as unknown as Receipt;
      }),
    ],
    [
      "deliver() makes one attempt also when that fails, and leaves trying again to others",
      "by trying again after a 500",
      againOn(hasStatus(500)),
    ],
    [
      "deliver() makes one attempt also when that fails, and leaves trying again to others",
      "by trying again after a reset",
      againOn(({ kind, ambiguous }) => kind === "network" && ambiguous),
    ],
    [
      "deliver() makes one attempt also when that fails, and leaves trying again to others",
      "by trying again after a timeout",
      againOn(({ kind }) => kind === "timeout"),
    ],
    [
      "deliver() never sleeps on its host's clock, and leaves no timer behind",
      "by a pause before each attempt",
      withDeliver((deliver, { clock }) => async (message, attempt) => {
        await clock.sleep(10, attempt.signal);
        return deliver(message, attempt);
      }),
    ],
    [
      "deliver() never sleeps on its host's clock, and leaves no timer behind",
      "by a timer that outlives a failure",
      withDeliver((deliver, { clock }) => async (message, attempt) => {
        try {
          return await deliver(message, attempt);
        } catch (error) {
          void clock.sleep(10);
          throw error;
        }
      }),
    ],
    [
      "the content and every field that a channel declares reach the other side",
      "by leaving out the subject",
      withDeliver(
        (deliver) =>
          ({ subject: _, ...message }, attempt) =>
            deliver(message, attempt),
      ),
    ],
    [
      "a field that a channel does not declare is refused by send() before an attempt",
      "by capabilities that grow when they are looked at again",
      withChannel(({ capabilities: { carries, members } }) => {
        let looks = 0;
        const growing = {
          members,
          get carries() {
            looks += 1;
            return looks === 1 ? carries : messageFields;
          },
        };
        return { capabilities: growing };
      }),
    ],
    [
      kindRule("the other side does not know us", "auth_required"),
      "by calling a 401 rejected",
      misreport(hasStatus(401), { kind: "rejected" }),
    ],
    [
      kindRule("the other side forbids it", "auth_required"),
      "by calling a 403 rejected",
      misreport(hasStatus(403), { kind: "rejected" }),
    ],
    [
      kindRule("the other side knows no such address", "rejected"),
      "by calling a 404 a server's error",
      misreport(hasStatus(404), { kind: "server_error" }),
    ],
    [
      kindRule("the other side sends us elsewhere", "rejected"),
      "by following the redirect",
      againOn(hasStatus(302)),
    ],
    [
      kindRule("the other side asks us to slow down", "rate_limited"),
      "by saying 503 of a 429",
      misreport(hasStatus(429), { status: 503 }),
    ],
    [
      kindRule("the other side breaks down", "server_error"),
      "by a failure without its status",
      withFailure((error) => {
        if (!isDeliveryError(error) || error.status !== 500) return error;
        return new DeliveryError(error.message, { kind: "server_error", ambiguous: true });
      }),
    ],
    [
      kindRule("the connection breaks before the answer", "network"),
      "by an error that is no DeliveryError",
      withFailure((error) => {
        const { kind, ambiguous } = toDeliveryError(error);
        return kind === "network" && ambiguous ? new Error("ECONNRESET") : error;
      }),
    ],
    [
      kindRule("no answer comes", "timeout"),
      "by calling it the network's fault",
      misreport(({ kind }) => kind === "timeout", { kind: "network" }),
    ],
    [
      kindRule("no answer comes", "timeout"),
      "by waiting for ever, and with close() for the end of the wait",
      {
        create: async (config, host) => {
          const patient = await pager.create({ ...config, timeoutMs: 3_600_000 }, host);
          const underWay = new Set<Promise<unknown>>();
          return {
            ...(await pager.create(config, host)),
            async deliver(message, attempt) {
              const delivering = patient.deliver(message, attempt);
              underWay.add(delivering);
              return delivering;
            },
            close: async () => void (await Promise.allSettled(underWay)),
          };
        },
      },
    ],
    [
      kindRule("nobody listens", "network"),
      "by calling it a timeout",
      misreport(({ kind, ambiguous }) => kind === "network" && !ambiguous, { kind: "timeout" }),
    ],
    [
      "the wait that the other side asks for is the failure's retryAfterMs",
      "by taking seconds for milliseconds",
      misreport(hasStatus(429), { retryAfterMs: 7 }),
    ],
    [
      "a failure is ambiguous when the message may have arrived, and is not when it cannot have",
      "by being sure after a reset",
      misreport(({ kind }) => kind === "network", { ambiguous: false }),
    ],
    [
      "a failure is ambiguous when the message may have arrived, and is not when it cannot have",
      "by being unsure when nobody listens",
      misreport(({ kind }) => kind === "network", { ambiguous: true }),
    ],
    [
      "under a signal that is aborted already, deliver() sends nothing and rejects with its reason",
      "by sending all the same",
      withDeliver((deliver) => async (message, attempt) => {
        if (attempt.signal?.aborted)
          await deliver(message, { ...attempt, signal: new AbortController().signal });
        return deliver(message, attempt);
      }),
    ],
    [
      "under a signal that is aborted already, deliver() sends nothing and rejects with its reason",
      "by a failure of its own",
      withDeliver((deliver) => async (message, attempt) => {
        if (!attempt.signal?.aborted) return deliver(message, attempt);
        throw new DeliveryError("aborted", { kind: "unknown", ambiguous: false });
      }),
    ],
    [
      "an abort ends an attempt at once with the signal's reason, and nothing more is sent",
      "by sending once more behind its back",
      withDeliver((deliver) => (message, attempt) => {
        attempt.signal?.addEventListener("abort", () => {
          void deliver(message, { ...attempt, signal: AbortSignal.timeout(200) }).catch(toDeliveryError);
        });
        return deliver(message, attempt);
      }),
    ],
    [
      "an abort ends an attempt at once with the signal's reason, and nothing more is sent",
      "by an AbortError of its own",
      withDeliver((deliver) => async (message, attempt) => {
        attempt.signal?.throwIfAborted();
        return deliver(message, attempt).catch((error) => {
          throw attempt.signal?.aborted ? new DOMException("aborted", "AbortError") : error;
        });
      }),
    ],
    [
      "an abort ends an attempt at once with the signal's reason, and nothing more is sent",
      "by not listening",
      withDeliver((deliver) => async (message, { signal, ...attempt }) => {
        signal?.throwIfAborted();
        return deliver(message, attempt);
      }),
    ],
    [
      "every secret stands in a field that is marked with secret() or httpUrl()",
      "by a token that is a plain string",
      { config: pager.config.extend({ token: z.string().describe("The token.") }) as PagerConfig },
    ],
    [
      "no secret is in a receipt, in an error or in what caused it",
      "by a receipt that repeats it",
      withChannel(({ deliver }, _, config) => ({
        deliver: async (message, attempt) => ({
          ...(await deliver(message, attempt)),
          response: config.token,
        }),
      })),
    ],
    [
      "no secret is in a receipt, in an error or in what caused it",
      "by a cause that holds the request",
      withChannel(({ deliver }, _, config) => ({
        async deliver(message, attempt) {
          try {
            return await deliver(message, attempt);
          } catch (error) {
            if (!isDeliveryError(error) || error.status !== 403) throw error;
            const cause = new Error("refused", { cause: { headers: { authorization: config.token } } });
            throw new DeliveryError(error.message, {
              kind: error.kind,
              status: 403,
              ambiguous: false,
              cause,
            });
          }
        },
      })),
    ],
    [
      "a probe of a healthy other side is ok and says what it found",
      "by seeing ill health",
      withChannel(({ probe }) => ({
        probe: async (signal) => ({ detail: "", ...(await probe?.(signal)), ok: false }),
      })),
    ],
    [
      "a probe of an other side that nobody listens at says so, and does not reject",
      "by never asking",
      withChannel(() => ({ probe: async () => ({ ok: true, detail: "it will be fine" }) })),
    ],
    [
      "no secret is in what a probe says",
      "by repeating it",
      withChannel(({ probe }, _, config) => ({
        probe: async (signal) => ({
          ok: false,
          ...(await probe?.(signal)),
          detail: `asked as ${config.token}`,
        }),
      })),
    ],
  ];

  test.concurrent.each(broken)("%s: %s", async (name, _, change) => {
    const rules = channelContract({ ...pagerSubject, type: { ...pager, ...change } });
    const found: string[] = [];
    // In three lanes, because the rules do little but wait for a silence to end.
    const lanes = [0, 1, 2].map((lane) => rules.filter((_, index) => index % 3 === lane));
    const run = async (lane: typeof rules) => {
      for (const rule of lane) await rule.check().catch(() => found.push(rule.name));
    };
    await Promise.all(lanes.map(run));
    expect(found).toEqual([name]);
  });

  test("every rule is broken by one of them", () => {
    const names = new Set(broken.map(([name]) => name));
    expect(channelContract(pagerSubject).filter((rule) => !names.has(rule.name))).toEqual([]);
  });
});

test("a secret that is named and stands nowhere in the config is a mistake of the subject", async () => {
  const rules = channelContract({ ...pagerSubject, secrets: ["n0where"] });
  const rule = rules.find(({ name }) => name.startsWith("every secret stands in a field"));
  await expect(rule?.check()).rejects.toThrow('"n0where" is named as a secret and stands nowhere');
});
