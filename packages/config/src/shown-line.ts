import { displayUrl, fieldTraits } from "@jackfield/core";
import type { KeyPath } from "./key-path.ts";
import { nearest } from "./nearest.ts";
import { childOf, isShowable, keysOf, type Schema, takesReference } from "./schema-tree.ts";
import { placeOf, type SourceMap, type Span } from "./source-map.ts";
import { isVariableName } from "./variable-name.ts";

/** A line of the file as it may be shown, and where in it the span is that was asked for. */
export interface ShownLine {
  readonly line: number;
  readonly column: number;
  readonly sourceLine: string;
  readonly marker: { readonly start: number; readonly length: number };
}

/** What stands in the place of a value that is not to be seen. */
export const hidden = "<hidden>";

/**
 * The line on which a span begins, fit to be shown: of the values only those stay readable that the schema knows to be
 * neither secret nor URL. A value under an unknown key is hidden, unless the key is near to one whose value may be shown.
 */
export function shownLine(map: SourceMap, schema: Schema, span: Span): ShownLine {
  const { line, column, lineStart, lineEnd } = placeOf(map.text, span.start);
  const lineSpan = { start: lineStart, end: lineEnd };
  const covers = coversOf(map, schema).filter(({ start, end }) => start < lineEnd && end > lineStart);
  return { line, column, ...coverUp(map.text, lineSpan, span, covers) };
}

/** A span with what is shown instead of it. */
export interface Cover extends Span {
  readonly text: string;
}

function coversOf(map: SourceMap, schema: Schema): Cover[] {
  const covers: Cover[] = map.comments.map(({ start, end }) => ({ start, end, text: "" }));
  for (const { path, value, isSingle } of map.entries.values()) {
    if (!value || !isSingle) continue;
    const field = schemaMeant(schema, path);
    if (isShowable(field) || isReferenceName(map, schema, path, value)) continue;
    covers.push({ ...value, text: coverText(field, map.text.slice(value.start, value.end)) });
  }
  return covers.sort((a, b) => a.start - b.start);
}

/** The schema at a path in which keys may be mistyped; undefined where nobody can tell what was meant. */
function schemaMeant(root: Schema, path: KeyPath): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const key of path) {
    const table: Schema | undefined = schema;
    if (!table) return undefined;
    schema = childOf(table, key);
    const near = schema || typeof key === "number" ? undefined : nearest(key, keysOf(table));
    if (near !== undefined) schema = childOf(table, near);
  }
  return schema;
}

/** `env = "NAME"` inside of a reference. Whoever wrote the secret itself there must not see it again. */
function isReferenceName(map: SourceMap, root: Schema, path: KeyPath, { start, end }: Span): boolean {
  const field = schemaMeant(root, path.slice(0, -1));
  if (!field || !takesReference(field)) return false;
  const key = path.at(-1);
  return key === "file" || (key === "env" && isVariableName(map.text.slice(start + 1, end - 1)));
}

function coverText(field: Schema | undefined, source: string): string {
  const url =
    field && fieldTraits(field).url ? /^(["'])(https?:\/\/[^"'\\]*)\1$/.exec(source)?.[2] : undefined;
  return url !== undefined && URL.canParse(url) ? `"${displayUrl(url)}"` : hidden;
}

/** A line with its covers in place; what was asked for is found again by `marker`. Covers are in order and do not overlap. */
export function coverUp(text: string, line: Span, span: Span, covers: readonly Cover[]) {
  let shown = "";
  let at = line.start;
  // Where the ends of the span come to stand in the shown line.
  const marks = { start: -1, end: -1 };
  const spanEnd = Math.min(span.end, line.end);
  const place = (from: number, to: number, show: (offset: number) => number) => {
    if (marks.start < 0 && span.start >= from && span.start < to) marks.start = show(span.start);
    if (marks.end < 0 && spanEnd > from && spanEnd <= to) marks.end = show(spanEnd);
  };
  for (const cover of covers) {
    const [from, to] = [Math.max(cover.start, at), Math.min(cover.end, line.end)];
    const base = shown.length - at;
    place(at, from, (offset) => base + offset);
    shown += text.slice(at, from);
    const before = shown.length;
    shown += cover.text;
    place(from, to, (offset) => (offset === to ? shown.length : before));
    at = to;
  }
  const base = shown.length - at;
  place(at, line.end + 1, (offset) => base + offset);
  shown += text.slice(at, line.end);
  const sourceLine = shown.trimEnd();
  const start = Math.min(Math.max(marks.start, 0), sourceLine.length);
  const end = Math.max(marks.end, start + 1);
  return { sourceLine, marker: { start, length: end - start } };
}
