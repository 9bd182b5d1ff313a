import { type Capabilities, openChannel } from "@jackfield/core";
import { channelTypes } from "../channel-types.ts";
import { type ConfigOption, configuredChannel, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { printable, type Terminal, table } from "../terminal.ts";

/** How long a channel's other side may take to answer a probe. */
const probeTimeoutMs = 15_000;

interface JsonOption {
  readonly json?: boolean;
}

export function runChannelTypes(terminal: Terminal, { json }: JsonOption): void {
  const types = channelTypes.map(({ type, description, contract, capabilities }) => ({
    type,
    description,
    contract,
    capabilities,
  }));
  if (json) {
    terminal.out(JSON.stringify(types, undefined, 2));
    return;
  }
  const rows = types.map(({ type, description, capabilities }) => [type, canDo(capabilities), description]);
  terminal.out(table([["TYPE", "CARRIES BESIDES CONTENT", "WHAT IT DOES"], ...rows]));
}

export async function runChannelList(terminal: Terminal, options: JsonOption & ConfigOption): Promise<void> {
  const { deployment } = await loadDeployment(options);
  const channels = deployment.channels.map(({ id, type }) => ({
    id,
    type: type.type,
    description: type.description,
  }));
  if (options.json) return terminal.out(JSON.stringify(channels, undefined, 2));
  if (channels.length === 0)
    return terminal.err("no channels are configured: add a [channels.webhook.<alias>] table");
  terminal.out(
    table([["CHANNEL", "WHAT IT DOES"], ...channels.map(({ id, description }) => [id, description])]),
  );
}

export async function runChannelDoctor(
  terminal: Terminal,
  ids: readonly string[],
  options: JsonOption & ConfigOption,
): Promise<number> {
  const loaded = await loadDeployment(options);
  const wanted =
    ids.length === 0 ? loaded.deployment.channels : ids.map((id) => configuredChannel(loaded, id));
  const findings = await Promise.all(
    wanted.map(async ({ id, type, alias, input }) => {
      const { channel } = await openChannel(type, alias, input);
      if (!channel.probe) return { id, ok: true, detail: "cannot be probed: it has nothing to reach" };
      const signal = AbortSignal.timeout(probeTimeoutMs);
      try {
        return { id, ...(await channel.probe(signal)) };
      } catch (error) {
        if (!signal.aborted) throw error;
        return { id, ok: false, detail: `did not answer within ${probeTimeoutMs / 1000} s` };
      } finally {
        await channel.close?.();
      }
    }),
  );
  if (options.json) terminal.out(JSON.stringify(findings, undefined, 2));
  else
    terminal.out(table(findings.map(({ id, ok, detail }) => [ok ? "ok" : "FAILED", id, printable(detail)])));
  return findings.every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed;
}

function canDo({ carries, maxContentLength }: Capabilities): string {
  return [
    ...carries,
    ...(maxContentLength === undefined ? [] : [`at most ${maxContentLength} characters`]),
  ].join(", ");
}
