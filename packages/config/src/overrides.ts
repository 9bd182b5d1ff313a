import { formatPath, type KeyPath, pathId } from "./key-path.ts";
import { nearest } from "./nearest.ts";
import type { Origin } from "./origin.ts";
import { isTableValue, type Table } from "./parse-toml.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import type { Environment } from "./references.ts";
import { childOf, isTable, keysOf, type Schema } from "./schema-tree.ts";
import { parseValueText } from "./value-text.ts";

const prefix = "JACKFIELD_";
const separator = "__";

/** A key of the configuration that a variable of the environment sets. */
export interface Override {
  readonly variable: string;
  readonly path: KeyPath;
  readonly value: unknown;
}

/** The overrides that an environment has for a document, and the variables that look like overrides and hit nothing. */
export interface FoundOverrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly ProblemDraft[];
}

/**
 * Finds the variables that override keys: `JACKFIELD_CHANNELS__WEBHOOK__OPS__MAX_RETRIES` is
 * `channels.webhook.ops.maxRetries`. Keys are compared without case, `-` and `_`. A channel that the file does not have is
 * made, its alias in lower case.
 *
 * A variable without `__` is an override only where it names a section as a whole, so that `JACKFIELD_CONFIG` and whatever
 * else begins like this stays out of it.
 */
export function findOverrides(env: Environment, schema: Schema, document: Table): FoundOverrides {
  const overrides = new Map<string, Override>();
  const problems: ProblemDraft[] = [];
  for (const variable of Object.keys(env)
    .filter((name) => name.startsWith(prefix))
    .sort(bySegments)) {
    const text = env[variable];
    const segments = variable.slice(prefix.length).split(separator);
    if (text === undefined || (segments.length === 1 && !namesSection(schema, segments[0] ?? ""))) continue;
    const target = resolveSegments(segments, schema, document);
    if (!target.path) {
      problems.push(noOverride(variable, target.message, target.suggestion));
      continue;
    }
    const rival = overrides.get(pathId(target.path));
    if (rival) {
      const key = formatPath(target.path);
      problems.push(noOverride(variable, `sets ${key}, as does ${rival.variable}: unset one of the two`));
      continue;
    }
    const override = { variable, path: target.path, value: parseValueText(target.schema, text) };
    overrides.set(pathId(target.path), override);
  }
  return { overrides: [...overrides.values()], problems };
}

/** A copy of the document in which the overrides hold, and their origins. */
export function applyOverrides(document: Table, overrides: readonly Override[]) {
  const result = copyTable(document);
  const origins = new Map<string, Origin>();
  for (const { path, value, variable } of overrides) {
    if (place(result, path, value)) origins.set(pathId(path), { from: "environment", variable });
  }
  return { document: result, origins };
}

/** Tables before what lies in them, so that the more precise variable has the last word. */
function bySegments(a: string, b: string): number {
  const depth = (name: string) => name.split(separator).length;
  return depth(a) - depth(b) || (a < b ? -1 : 1);
}

function namesSection(schema: Schema, segment: string): boolean {
  const key = keysOf(schema).find((candidate) => plain(candidate) === plain(segment));
  const section = key === undefined ? undefined : childOf(schema, key);
  return section !== undefined && isTable(section);
}

type Target =
  | { readonly path: KeyPath; readonly schema: Schema }
  | { readonly path?: never; readonly message: string; readonly suggestion?: string | undefined };

function resolveSegments(segments: readonly string[], root: Schema, document: Table): Target {
  let schema = root;
  let value: unknown = document;
  let path: KeyPath = [];
  for (const segment of segments) {
    const where = path.length === 0 ? "the configuration" : formatPath(path);
    if (!isTable(schema)) return { message: `${where} is a single value and has no keys below it` };
    const known = keysOf(schema);
    const there = isTableValue(value) ? Object.keys(value) : [];
    // Strict tables have their keys from the schema, free ones from the file.
    const candidates = known.length > 0 ? known : there;
    const matches = candidates.filter((key) => plain(key) === plain(segment));
    if (matches.length > 1) return { message: `may mean ${matches.join(" or ")} in ${where}: rename one` };
    const key = matches[0] ?? segment.toLowerCase();
    const child = plain(segment) === "" ? undefined : childOf(schema, key);
    if (!child) {
      const near = nearest(segment, candidates);
      const suggestion = near && variableFor([...path, near], segments.slice(path.length + 1));
      return { message: `there is no "${key}" in ${where}`, suggestion };
    }
    value = isTableValue(value) ? value[key] : undefined;
    path = [...path, key];
    schema = child;
  }
  return { path, schema };
}

function variableFor(path: KeyPath, rest: readonly string[]): string {
  const written = path.map((key) =>
    String(key)
      .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
      .replaceAll("-", "_"),
  );
  return prefix + [...written, ...rest].join(separator).toUpperCase();
}

function noOverride(variable: string, message: string, suggestion?: string): ProblemDraft {
  return { code: "invalid_override", path: [], message, suggestion, at: "key", variable };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

function copyTable(table: Table): Table {
  const copy: Table = Object.create(null);
  for (const [key, value] of Object.entries(table))
    copy[key] = isTableValue(value) ? copyTable(value) : value;
  return copy;
}

/** Sets a value; not where the file has something else than a table on the way, of which validation will speak. */
function place(root: Table, path: KeyPath, value: unknown): boolean {
  let table = root;
  for (const key of path.slice(0, -1)) {
    table[key] ??= Object.create(null);
    const next = table[key];
    if (!isTableValue(next)) return false;
    table = next;
  }
  const last = path.at(-1);
  if (last !== undefined) table[last] = value;
  return true;
}
