import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";

/** The machine in general terms, for a reader who compares numbers. */
export function describeMachine(): string {
  const cores = availableParallelism();
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores} core${cores === 1 ? "" : "s"} (${model}), ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
}

/** One core for the clients and another for the server; undefined where processes cannot be pinned. */
export function pinnableCores(): { readonly client: number; readonly server: number } | undefined {
  if (platform() !== "linux" || spawnSync("taskset", ["--version"]).status !== 0) return undefined;
  const [client, server] = allowedCores(readFileSync("/proc/self/status", "utf8"));
  return client === undefined || server === undefined ? undefined : { client, server };
}

/** Reads `Cpus_allowed_list: 0-1,4` of proc(5). */
export function allowedCores(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "";
  return list
    .split(",")
    .filter((part) => part !== "")
    .flatMap((part) => {
      const [first = Number.NaN, last = first] = part.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
}
