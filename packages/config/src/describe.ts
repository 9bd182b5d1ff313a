import { displayUrl, fieldTraits, type JsonValue } from "@jackfield/core";
import { type KeyPath, pathId } from "./key-path.ts";
import type { LoadedConfig } from "./load.ts";
import { type Origin, originOf } from "./origin.ts";
import { isTableValue, valueAt } from "./parse-toml.ts";
import { childOf, isTable, keysOf, type Schema, takesReference } from "./schema-tree.ts";
import { createSourceMap, placeOf, type SourceMap } from "./source-map.ts";

/** One effective value of a configuration, fit to be shown. */
export interface DescribedValue {
  readonly path: readonly string[];
  /** Secrets are `<set>`, URLs are without what may be a credential. */
  readonly value: JsonValue;
  readonly origin: Origin;
}

/** What stands in the place of a secret that has a value. */
export const setSecret = "<set>";

/** Every value that is in force, defaults included, with its origin: in the order of the schema, channels in that of the file. */
export async function describeConfig(config: LoadedConfig): Promise<DescribedValue[]> {
  const map = await createSourceMap(config.text);
  const rows: DescribedValue[] = [];
  const visit = (schema: Schema, value: unknown, path: readonly string[]) => {
    const members = isTable(schema) ? membersInForce(schema, value) : [];
    for (const [key, member] of members) {
      const child = childOf(schema, key);
      if (child) visit(child, member, [...path, key]);
    }
    if (members.length > 0 || path.length === 0) return;
    rows.push({ path, value: shown(config, schema, value, path), origin: originIn(config, map, path) });
  };
  visit(config.schema, inForce(config.document, config.effective), []);
  return rows;
}

/**
 * What was written where something was, else the default: a channel type may turn what was written into something that
 * nobody could write.
 */
function inForce(written: unknown, effective: unknown): unknown {
  if (!isTableValue(written)) return written === undefined ? effective : written;
  if (!isTableValue(effective)) return written;
  const keys = new Set([...Object.keys(written), ...Object.keys(effective)]);
  return Object.fromEntries([...keys].map((key) => [key, inForce(written[key], effective[key])]));
}

function membersInForce(schema: Schema, value: unknown): [string, unknown][] {
  if (!isTableValue(value)) return [];
  const order = keysOf(schema);
  const rank = (key: string) => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b));
}

function shown(config: LoadedConfig, schema: Schema | undefined, value: unknown, path: KeyPath): JsonValue {
  if (schema && takesReference(schema)) return shownSecret(config, schema, value, path);
  if (Array.isArray(value)) {
    return value.map((element, i) => shown(config, schema && childOf(schema, i), element, [...path, i]));
  }
  if (isTableValue(value)) {
    const shownMember = ([key, member]: [string, unknown]) =>
      [key, shown(config, schema && childOf(schema, key), member, [...path, key])] as const;
    return Object.fromEntries(Object.entries(value).map(shownMember));
  }
  const isPlain = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return isPlain ? value : value instanceof Date ? value.toISOString() : String(value);
}

function shownSecret(config: LoadedConfig, schema: Schema, value: unknown, path: KeyPath): JsonValue {
  if (!fieldTraits(schema).url) return setSecret;
  const url = String(value);
  // Who keeps a URL outside of the file takes the whole of its path for a credential.
  const isFromOutside = Boolean(originOf(config.referred, path) ?? originOf(config.overridden, path));
  return isFromOutside && URL.canParse(url) ? `${new URL(url).origin}/…` : displayUrl(url);
}

function originIn(config: LoadedConfig, map: SourceMap, path: KeyPath): Origin {
  if (valueAt(config.document, path) === undefined) return { from: "default" };
  const origin = originOf(config.referred, path) ?? originOf(config.overridden, path);
  if (origin) return origin;
  const entry = map.entries.get(pathId(path));
  const span = entry?.key ?? entry?.value;
  if (!span) return { from: "default" };
  return { from: "file", file: config.path, line: placeOf(config.text, span.start).line };
}

/** The rows as one nested object. */
export function toTree(rows: readonly DescribedValue[]): { readonly [key: string]: JsonValue };
export function toTree<Leaf>(
  rows: readonly DescribedValue[],
  leafOf: (row: DescribedValue) => Leaf,
): { readonly [key: string]: unknown };
export function toTree(
  rows: readonly DescribedValue[],
  leafOf: (row: DescribedValue) => unknown = ({ value }) => value,
): { readonly [key: string]: unknown } {
  const root = new Map<string, unknown>();
  for (const row of rows) {
    let table = root;
    for (const key of row.path.slice(0, -1)) {
      const below = table.get(key);
      const next = below instanceof Map ? below : new Map<string, unknown>();
      table.set(key, next);
      table = next;
    }
    table.set(row.path.at(-1) ?? "", leafOf(row));
  }
  return objectOf(root);
}

function objectOf(tables: ReadonlyMap<string, unknown>): { readonly [key: string]: unknown } {
  const members = [...tables].map(([key, value]) => [key, value instanceof Map ? objectOf(value) : value]);
  return Object.fromEntries(members);
}
