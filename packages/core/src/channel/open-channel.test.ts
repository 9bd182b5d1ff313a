import { expect, test } from "vitest";
import * as z from "zod";
import { systemClock } from "../clock.ts";
import { retryFields } from "../retry/retry-policy.ts";
import { type Channel, type ChannelHost, defineChannel } from "./channel.ts";
import { httpUrl, secret } from "./config-fields.ts";
import { openChannel } from "./open-channel.ts";

const config = z.strictObject({
  ...retryFields,
  maxRetries: retryFields.maxRetries.unwrap().default(7),
  url: httpUrl().describe("Where to."),
  token: secret().optional().describe("The token."),
  volume: z.int().default(5).describe("How loud."),
});

function pagerThat(sees: (config: unknown, host: ChannelHost) => void) {
  return defineChannel({
    contract: 1,
    type: "pager",
    description: "Rings a pager.",
    config,
    capabilities: { carries: [], members: [] },
    async create(config, host): Promise<Channel> {
      sees(config, host);
      return { id: host.id, capabilities: { carries: [], members: [] }, deliver: async () => ({}) };
    },
  });
}
const pager = pagerThat(() => undefined);

test("the channel is named type.alias and gets its configuration with the defaults", async () => {
  const seen: unknown[] = [];
  const type = pagerThat((config, host) => seen.push(config, host.id));
  const { channel } = await openChannel(type, "ops", { url: "https://example.com", token: "t" });
  expect(channel.id).toBe("pager.ops");
  expect(seen).toEqual([
    expect.objectContaining({ url: "https://example.com", token: "t", volume: 5 }),
    "pager.ops",
  ]);
});

test("the retry policy is that of the configuration, with the defaults of the type", async () => {
  const { retryPolicy } = await openChannel(pager, "ops", { url: "https://example.com", retryJitter: 0 });
  expect(retryPolicy).toMatchObject({ maxRetries: 7, retryJitter: 0, retryBaseDelayMs: 500 });
  expect(retryPolicy).not.toHaveProperty("url");
});

test("the channel gets the clock and the random source that were given", async () => {
  const hosts: ChannelHost[] = [];
  const effects = { clock: { ...systemClock }, random: () => 0.5 };
  const type = pagerThat((_, host) => hosts.push(host));
  await openChannel(type, "ops", { url: "https://example.com" }, effects);
  expect(hosts[0]?.clock).toBe(effects.clock);
  expect(hosts[0]?.random).toBe(effects.random);
});

test("the channel gets the machine's own when none were given", async () => {
  const hosts: ChannelHost[] = [];
  await openChannel(
    pagerThat((_, host) => hosts.push(host)),
    "ops",
    { url: "https://example.com" },
  );
  expect(hosts[0]?.clock).toBe(systemClock);
  expect(hosts[0]?.random).toBe(Math.random);
});

test("every problem of a configuration is named by its path, and no value is", async () => {
  const wrong = { url: "ftp://s3cret.example.com", token: 5150, volume: "l0ud", maxRetry: 1 };
  const opening = openChannel(pager, "ops", wrong as unknown as z.input<typeof config>);
  const error: unknown = await opening.catch((reason) => reason);
  expect(error).toMatchObject({ code: "CHANNEL_CONFIG_INVALID" });
  const { message } = z.object({ message: z.string() }).parse(error);
  expect(message.split("; ")).toEqual([
    'pager.ops: url: must be an absolute URL that begins with "https://" or "http://"',
    expect.stringMatching(/^token: /),
    expect.stringMatching(/^volume: /),
    'config: Unrecognized key: "maxRetry"',
  ]);
  expect(message).not.toMatch(/s3cret|5150|l0ud/);
});

test("what create throws comes out as it is", async () => {
  const cause = new Error("no such device");
  const type = pagerThat(() => {
    throw cause;
  });
  await expect(openChannel(type, "ops", { url: "https://example.com" })).rejects.toBe(cause);
});
