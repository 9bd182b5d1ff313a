import { JackfieldError } from "@jackfield/core";
import { formatKey } from "./toml-text.ts";

/** Where a value stands in the configuration: the keys that lead to it, and numbers for places in arrays. */
export type KeyPath = readonly (string | number)[];

/** A path as people write it: `channels.webhook.ops.retryStatuses[0]`, keys in quotes where TOML wants them. */
export function formatPath(path: KeyPath): string {
  return path
    .map((step, i) => (typeof step === "number" ? `[${step}]` : `${i === 0 ? "" : "."}${formatKey(step)}`))
    .join("");
}

/** One string for each path, for use as a key of a map. */
export function pathId(path: KeyPath): string {
  return JSON.stringify(path);
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: KeyPath, ancestor: KeyPath): boolean {
  return ancestor.length <= path.length && ancestor.every((step, i) => step === path[i]);
}

/**
 * Reads what {@link formatPath} writes.
 *
 * @throws JackfieldError `CONFIG_PATH_INVALID`
 */
export function parsePath(text: string): KeyPath {
  const step = /(?:^|(?<!^)\.)(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')|\[(\d+)\]/y;
  const path: (string | number)[] = [];
  while (step.lastIndex < text.length || path.length === 0) {
    const at = step.lastIndex;
    const found = step.exec(text);
    if (!found) {
      throw new JackfieldError(
        "CONFIG_PATH_INVALID",
        `"${text}" is no path (at character ${at + 1}): write keys with dots between them, such as channels.webhook.ops.maxRetries, and other characters than letters, digits, _ and - in quotes`,
      );
    }
    const [, bare, basic, literal, index] = found;
    if (index !== undefined) path.push(Number(index));
    else path.push(bare ?? literal ?? withoutEscapes(basic ?? ""));
  }
  return path;
}

function withoutEscapes(basic: string): string {
  return basic.replace(/\\(.)/g, "$1");
}
