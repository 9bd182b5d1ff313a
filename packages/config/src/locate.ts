import { formatPath, isWithin, type KeyPath, pathId } from "./key-path.ts";
import { type Origin, type Origins, originOf } from "./origin.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import type { ConfigProblem } from "./problems.ts";
import type { Schema } from "./schema-tree.ts";
import { type ShownLine, shownLine } from "./shown-line.ts";
import { createSourceMap, type SourceMap, type Span } from "./source-map.ts";

/** What is needed to find the places of problems. */
export interface LocateContext {
  readonly file: string;
  readonly text: string;
  readonly schema: Schema;
  /** The keys that variables of the environment override. */
  readonly overridden: Origins;
  /** The values that came by reference. */
  readonly referred: Origins;
}

/** Gives each problem its place: a line of the file, or the variable that is to blame. In the order of the file. */
export async function locateProblems(
  drafts: readonly ProblemDraft[],
  context: LocateContext,
): Promise<ConfigProblem[]> {
  const map = await createSourceMap(context.text);
  return drafts.map((draft) => locate(draft, map, context)).sort(byPlace);
}

function locate(draft: ProblemDraft, map: SourceMap, context: LocateContext): ConfigProblem {
  const { file, schema, overridden } = context;
  const { code, suggestion } = draft;
  const problem = {
    code,
    path: formatPath(draft.path),
    message: withSource(draft, context),
    ...(suggestion === undefined ? {} : { suggestion }),
    file,
  };
  const variable = draft.variable ?? variableOf(draft, overridden, map);
  if (variable !== undefined) return { ...problem, variable };
  const span = spanFor(draft, map);
  const shown: Partial<ShownLine> = span ? shownLine(map, schema, span) : { line: 1, column: 1 };
  return { ...problem, ...shown };
}

/** A value that came by reference is not to be seen in the file, so the message says where it is. */
function withSource({ code, path, message }: ProblemDraft, { referred }: LocateContext): string {
  if (code === "unresolved_reference") return message;
  const origin = originOf(referred, path);
  return origin ? `${message} (the value comes from ${sourceName(origin)})` : message;
}

function sourceName(origin: Origin): string {
  if (origin.from === "environment") return `the environment variable ${origin.variable}`;
  return origin.from === "secret_file" ? `the file ${origin.path}` : origin.from;
}

function variableOf({ path, at }: ProblemDraft, overridden: Origins, map: SourceMap): string | undefined {
  const exact = originOf(overridden, path);
  if (exact?.from === "environment") return exact.variable;
  const table = path.slice(0, -1);
  if (at === "value" || table.length === 0 || map.entries.has(pathId(at === "table" ? table : path))) {
    return undefined;
  }
  // The table is not in the file, so it is there because of a variable that set one of its keys.
  for (const [id, origin] of overridden) {
    if (origin.from === "environment" && isWithin(JSON.parse(id) as KeyPath, table)) return origin.variable;
  }
  return undefined;
}

function spanFor({ path, at }: ProblemDraft, map: SourceMap): Span | undefined {
  const own = map.entries.get(pathId(path));
  if (at === "value" && own) return own.value ?? own.header ?? own.key;
  if (at === "key" && own) return own.key ?? own.value;
  for (let length = path.length - 1; length > 0; length--) {
    const table = map.entries.get(pathId(path.slice(0, length)));
    if (table) return table.header ?? table.key ?? table.value;
  }
  return undefined;
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  const last = Number.POSITIVE_INFINITY;
  return compare(a.line ?? last, b.line ?? last) || compare(a.column ?? last, b.column ?? last);
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
