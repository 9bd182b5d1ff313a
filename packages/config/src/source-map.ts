import type { AST } from "toml-eslint-parser";
import { type KeyPath, pathId } from "./key-path.ts";
import { keyText, parseSyntaxTree } from "./syntax-tree.ts";

/** Offsets in a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where one key of the configuration stands in the file. */
export interface SourceEntry {
  readonly path: KeyPath;
  /** The key; absent for an element of an array. */
  readonly key?: Span;
  /** What stands behind `=`; absent where the key is only part of a table's header or of a dotted key. */
  readonly value?: Span;
  /** The value is no inline table and no array. */
  readonly isSingle: boolean;
  /** `[channels.webhook.ops]`, for the table that this header opens. */
  readonly header?: Span;
}

/** The places of everything in one file. */
export interface SourceMap {
  readonly text: string;
  readonly comments: readonly Span[];
  /** By {@link pathId}. */
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

/** Finds the places of keys and values. */
export async function createSourceMap(text: string): Promise<SourceMap> {
  const tree = await parseSyntaxTree(text);
  const entries = new Map<string, SourceEntry>();
  const add = (entry: SourceEntry) => {
    const id = pathId(entry.path);
    entries.set(id, { ...entry, ...entries.get(id), ...(entry.header && { header: entry.header }) });
  };
  for (const node of tree?.body[0].body ?? []) {
    if (node.type === "TOMLKeyValue") addPair(node, [], add);
    else addTable(node, text, add);
  }
  return { text, entries, comments: (tree?.comments ?? []).map(spanOf) };
}

type Add = (entry: SourceEntry) => void;

function addTable(table: AST.TOMLTable, text: string, add: Add): void {
  const keys = table.key.keys.values();
  const path: (string | number)[] = [];
  for (const step of table.resolvedKey) {
    path.push(step);
    // A number is the place in an array of tables, which no key stands for.
    const key = typeof step === "string" ? keys.next().value : undefined;
    add({ path: [...path], isSingle: false, ...(key && { key: spanOf(key) }) });
  }
  const header = { start: table.range[0], end: text.indexOf("]", table.key.range[1]) + 1 };
  add({ path, isSingle: false, header });
  for (const pair of table.body) addPair(pair, path, add);
}

function addPair(pair: AST.TOMLKeyValue, base: KeyPath, add: Add): void {
  let path = base;
  for (const [i, key] of pair.key.keys.entries()) {
    path = [...path, keyText(key)];
    const isLast = i === pair.key.keys.length - 1;
    const value = isLast ? { value: spanOf(pair.value) } : {};
    add({ path, key: spanOf(key), ...value, isSingle: isLast && pair.value.type === "TOMLValue" });
  }
  addBelow(pair.value, path, add);
}

function addBelow(value: AST.TOMLContentNode, path: KeyPath, add: Add): void {
  if (value.type === "TOMLInlineTable") for (const pair of value.body) addPair(pair, path, add);
  if (value.type !== "TOMLArray") return;
  for (const [i, element] of value.elements.entries()) {
    const below = [...path, i];
    add({ path: below, value: spanOf(element), isSingle: element.type === "TOMLValue" });
    addBelow(element, below, add);
  }
}

function spanOf(node: AST.HasLocs): Span {
  return { start: node.range[0], end: node.range[1] };
}

/** The line of an offset and its place in it; `line` and `column` begin at 1. */
export function placeOf(text: string, offset: number) {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  const lineFeed = text.indexOf("\n", offset);
  const lineEnd = lineFeed === -1 ? text.length : lineFeed;
  let line = 1;
  for (let i = text.indexOf("\n"); i !== -1 && i < lineStart; i = text.indexOf("\n", i + 1)) line++;
  return { line, column: offset - lineStart + 1, lineStart, lineEnd };
}
