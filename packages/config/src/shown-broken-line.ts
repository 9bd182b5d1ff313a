import { isShowable, membersOf, type Schema } from "./schema-tree.ts";
import { coverUp, hidden, type ShownLine } from "./shown-line.ts";
import { placeOf } from "./source-map.ts";

/** The line on which a text ceases to be TOML. There is no schema for what cannot be parsed, so nothing but keys is shown. */
export function shownBrokenLine(text: string, offset: number, schema: Schema): ShownLine {
  const { line, column, lineStart, lineEnd } = placeOf(text, offset);
  const source = text.slice(lineStart, lineEnd);
  const start = lineStart + readableLength(source, plainKeysIn(schema));
  const covers = start < lineEnd ? [{ start, end: lineEnd, text: hidden }] : [];
  const span = { start: offset, end: Math.min(offset + 1, lineEnd) };
  return { line, column, ...coverUp(text, { start: lineStart, end: lineEnd }, span, covers) };
}

/** How much of a line can be told to be no value: a header, a key, and the value of a key that holds no secret. */
function readableLength(line: string, plainKeys: ReadonlySet<string>): number {
  const header = /^\s*\[{1,2}[\w. -]*\]{0,2}\s*/.exec(line);
  if (header) return header[0].length;
  const [start = "", key = ""] = /^\s*(?:[\w-]+\s*\.\s*)*([\w-]+)\s*=\s*/.exec(line) ?? [];
  if (start && !plainKeys.has(key)) return start.length;
  // Behind a further equals sign there is somebody else's value, and a comment may hold anything.
  if (start) return start.length + line.slice(start.length).search(/[=#]|$/);
  const [word = "", plain = ""] = /^\s*([\w-]+)\s*/.exec(line) ?? [];
  return plainKeys.has(plain) ? word.length : 0;
}

/** The names of keys that hold neither a secret nor a URL nor further keys, anywhere in the schema. */
function plainKeysIn(schema: Schema): ReadonlySet<string> {
  const plain = new Set<string>();
  const others = new Set<string>();
  const visit = (table: Schema, depth: number) => {
    for (const [key, child] of membersOf(table)) {
      if (key !== undefined) (isShowable(child) ? plain : others).add(key);
      // A schema may contain itself.
      if (depth < 10) visit(child, depth + 1);
    }
  };
  visit(schema, 0);
  // The same name may be plain in one channel type and secret in another.
  return new Set([...plain].filter((key) => !others.has(key)));
}
