import type { AST } from "toml-eslint-parser";
import { isWithin, type KeyPath } from "./key-path.ts";
import { keyText, type SyntaxTree } from "./syntax-tree.ts";
import { formatKey, formatValue } from "./toml-text.ts";

/** Why a key cannot be set or removed where the file's layout is as it is. */
export interface CannotEdit {
  readonly reason: string;
}

/** A `key = value` of the file, wherever it stands. */
interface Pair {
  readonly node: AST.TOMLKeyValue;
  readonly path: KeyPath;
  /** The path of the table that it stands in; `path` is longer by more than one where its key is dotted. */
  readonly base: KeyPath;
}

interface Layout {
  readonly pairs: readonly Pair[];
  readonly tables: readonly AST.TOMLTable[];
}

/**
 * Sets a key in a text and leaves every other byte as it is. A new key goes to the end of its table, or behind its siblings
 * where their keys are dotted; where there is no table for it yet, one is added at the end of the file.
 */
export function setInText(
  text: string,
  tree: SyntaxTree,
  path: readonly string[],
  value: unknown,
): string | CannotEdit {
  const layout = layoutOf(tree);
  const there = layout.pairs.find((pair) => isSame(pair.path, path));
  if (there) return splice(text, there.node.value.range, formatValue(value));
  const holdsMore = [
    ...layout.pairs.map((pair) => pair.path),
    ...layout.tables.map((table) => table.resolvedKey),
  ];
  if (holdsMore.some((below) => isWithin(below, path)))
    return { reason: "it is a table: set its keys one by one" };
  for (let length = path.length - 1; length >= 0; length--) {
    const edited = addBelow(
      text,
      tree,
      layout,
      path.slice(0, length),
      path.slice(length),
      formatValue(value),
    );
    if (edited !== undefined) return edited;
  }
  return addTable(text, path, formatValue(value));
}

/** Removes a key from a text, with the rest of its line; every other byte stays as it is. */
export function removeFromText(text: string, tree: SyntaxTree, path: readonly string[]): string | CannotEdit {
  const { pairs, tables } = layoutOf(tree);
  const pair = pairs.find((candidate) => isSame(candidate.path, path));
  if (!pair) {
    const isTable = [...pairs.map(({ path }) => path), ...tables.map(({ resolvedKey }) => resolvedKey)].some(
      (below) => isWithin(below, path),
    );
    return { reason: isTable ? "it is a table: remove its keys one by one" : "it is not in the file" };
  }
  const { node } = pair;
  if (node.parent.type === "TOMLInlineTable") return splice(text, rangeInInlineTable(node, node.parent), "");
  const lineFeed = text.indexOf("\n", node.range[1]);
  return splice(
    text,
    [text.lastIndexOf("\n", node.range[0] - 1) + 1, lineFeed === -1 ? text.length : lineFeed + 1],
    "",
  );
}

function layoutOf(tree: SyntaxTree): Layout {
  const pairs: Pair[] = [];
  const addPairs = (nodes: readonly AST.TOMLKeyValue[], base: KeyPath) => {
    for (const node of nodes) {
      const path = [...base, ...node.key.keys.map(keyText)];
      pairs.push({ node, path, base });
      if (node.value.type === "TOMLInlineTable") addPairs(node.value.body, path);
    }
  };
  const { body } = tree.body[0];
  const tables = body.filter((node) => node.type === "TOMLTable");
  addPairs(
    body.filter((node) => node.type === "TOMLKeyValue"),
    [],
  );
  for (const table of tables) addPairs(table.body, table.resolvedKey);
  return { pairs, tables };
}

/** Adds a key to the table at `home`, if the file has one that can take it. */
function addBelow(
  text: string,
  tree: SyntaxTree,
  { pairs, tables }: Layout,
  home: KeyPath,
  rest: readonly string[],
  value: string,
): string | CannotEdit | undefined {
  const pair = pairs.find((candidate) => isSame(candidate.path, home));
  if (pair?.node.value.type === "TOMLInlineTable") return addInline(text, pair.node.value, rest, value);
  if (pair) return { reason: `${home.join(".")} is no table in the file` };
  const table = tables.find(
    (candidate) => candidate.kind === "standard" && isSame(candidate.resolvedKey, home),
  );
  // A table of its own for what lies deeper is how such files are written.
  if (table) return rest.length === 1 ? addLine(text, table, rest, value) : undefined;
  const sibling = pairs.findLast(({ path, base }) => base.length < home.length && isWithin(path, home));
  if (sibling) {
    const key = [...home, ...rest].slice(sibling.base.length).map(String);
    const { parent } = sibling.node;
    if (parent.type === "TOMLInlineTable") return addInline(text, parent, key, value);
    return lineAfter(text, sibling.node, key, value);
  }
  return home.length === 0 && rest.length === 1 ? addTopLevel(text, tree, rest, value) : undefined;
}

function addInline(text: string, table: AST.TOMLInlineTable, key: readonly string[], value: string): string {
  const pair = pairText(key, value);
  const last = table.body.at(-1);
  if (last) return splice(text, [last.range[1], last.range[1]], `, ${pair}`);
  const inside: AST.Range = [table.range[0] + 1, table.range[1] - 1];
  const isBlank = text.slice(...inside).trim() === "";
  return splice(text, isBlank ? inside : [inside[0], inside[0]], ` ${pair} `);
}

function addLine(text: string, table: AST.TOMLTable, key: readonly string[], value: string): string {
  const last = table.body.at(-1);
  return last ? lineAfter(text, last, key, value) : lineAfter(text, table, key, value, table.key.range[1]);
}

function lineAfter(
  text: string,
  node: AST.HasLocs,
  key: readonly string[],
  value: string,
  end: number = node.range[1],
): string {
  const lineFeed = text.indexOf("\n", end);
  const at = lineFeed === -1 ? text.length : lineFeed - (text[lineFeed - 1] === "\r" ? 1 : 0);
  const lineStart = text.lastIndexOf("\n", node.range[0] - 1) + 1;
  const indent = /^[ \t]*/.exec(text.slice(lineStart, node.range[0]))?.[0] ?? "";
  return splice(text, [at, at], `${lineEndOf(text)}${indent}${pairText(key, value)}`);
}

function addTopLevel(text: string, tree: SyntaxTree, key: readonly string[], value: string): string {
  const last = tree.body[0].body.findLast((node) => node.type === "TOMLKeyValue");
  if (last) return lineAfter(text, last, key, value);
  // Below the comments that the file begins with, such as that of its schema.
  const comments = /^(?:#[^\n]*\n)*/.exec(text)?.[0].length ?? 0;
  return splice(text, [comments, comments], `${pairText(key, value)}${lineEndOf(text)}`);
}

function addTable(text: string, path: readonly string[], value: string): string {
  const lineEnd = lineEndOf(text);
  const blank = text === "" ? "" : text.endsWith("\n") ? lineEnd : lineEnd + lineEnd;
  const header = `[${path.slice(0, -1).map(formatKey).join(".")}]`;
  return `${text}${blank}${header}${lineEnd}${pairText(path.slice(-1), value)}${lineEnd}`;
}

function rangeInInlineTable(node: AST.TOMLKeyValue, { body, range }: AST.TOMLInlineTable): AST.Range {
  const index = body.indexOf(node);
  const [before, after] = [body[index - 1], body[index + 1]];
  if (before) return [before.range[1], node.range[1]];
  return after ? [node.range[0], after.range[0]] : [range[0] + 1, range[1] - 1];
}

function pairText(key: readonly string[], value: string): string {
  return `${key.map(formatKey).join(".")} = ${value}`;
}

function splice(text: string, [start, end]: AST.Range, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function lineEndOf(text: string): string {
  return text[text.indexOf("\n") - 1] === "\r" ? "\r\n" : "\n";
}

function isSame(a: KeyPath, b: KeyPath): boolean {
  return a.length === b.length && isWithin(a, b);
}
