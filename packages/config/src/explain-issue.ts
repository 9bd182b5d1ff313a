import type * as z from "zod";
import { expectation, finding, stringChoices } from "./expectation.ts";
import type { KeyPath } from "./key-path.ts";
import { nearest } from "./nearest.ts";
import { type Table, valueAt } from "./parse-toml.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import {
  bare,
  definitionOf,
  descriptionOf,
  isShowable,
  keysOf,
  type Schema,
  schemaAt,
  takesReference,
} from "./schema-tree.ts";

/** What zod shall call an issue for which the schema's author has no words: ours are then found by {@link explainIssue}. */
export const withoutWords = "\u0000";

/** A zod issue about a document, in our words: one problem, or one for each key that is unknown. */
export function explainIssue(issue: z.core.$ZodIssue, root: Schema, document: Table): ProblemDraft[] {
  const path = issue.path.filter((step) => typeof step !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => unknownKey(path, key, root));
  }
  const value = valueAt(document, path);
  const field = schemaAt(root, path);
  if (value === undefined && issue.code !== "custom") return [missingKey(path, field)];
  if (issue.code === "invalid_key") {
    const message = issue.issues[0]?.message ?? withoutWords;
    const words = message === withoutWords ? "is no key that can be used here" : message;
    return [{ code: "unknown_key", path, message: words, at: "key" }];
  }
  const message = issue.message === withoutWords ? ownWords(issue, field, value) : issue.message;
  // A check over several keys may point at one that is not there.
  const at = value === undefined ? "table" : "value";
  return [{ code: "invalid_value", path, message, suggestion: suggestionFor(issue, field, value), at }];
}

function ownWords(issue: z.core.$ZodIssue, field: Schema | undefined, value: unknown): string {
  const isShown = isShowable(field);
  switch (issue.code) {
    case "too_small":
      return typeof value === "number" ? mismatch(field, value) : tooShort(issue, value, isShown);
    case "too_big":
      return typeof value === "number" ? mismatch(field, value) : tooLong(issue, value, isShown);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.format === "regex" ? `must match ${issue.pattern}` : `is no valid ${issue.format}`;
    case "invalid_type":
    case "invalid_value":
    case "invalid_union":
      return mismatch(field, value);
    default:
      return "is not valid";
  }
}

function mismatch(field: Schema | undefined, value: unknown): string {
  if (!field) return "is not valid";
  return `expected ${expectation(field)}, got ${finding(value, isShowable(field))}`;
}

function tooShort(issue: z.core.$ZodIssueTooSmall, value: unknown, isShown: boolean): string {
  const least = Number(issue.minimum) + (issue.inclusive === false ? 1 : 0);
  if (least === 1) return "must not be empty";
  return `must have at least ${least} ${unitOf(value)}${lengthOf(value, isShown)}`;
}

function tooLong(issue: z.core.$ZodIssueTooBig, value: unknown, isShown: boolean): string {
  const most = Number(issue.maximum) - (issue.inclusive === false ? 1 : 0);
  return `must have at most ${most} ${unitOf(value)}${lengthOf(value, isShown)}`;
}

function unitOf(value: unknown): string {
  return Array.isArray(value) ? "elements" : typeof value === "string" ? "characters" : "keys";
}

/** The length of a secret is nobody's business either. */
function lengthOf(value: unknown, isShown: boolean): string {
  return Array.isArray(value) || (isShown && typeof value === "string") ? `, got ${value.length}` : "";
}

function suggestionFor(
  issue: z.core.$ZodIssue,
  field: Schema | undefined,
  value: unknown,
): string | undefined {
  const isChoice = issue.code === "invalid_value" || issue.code === "invalid_union";
  return isChoice && field && typeof value === "string" && isShowable(field)
    ? nearest(value, stringChoices(field))
    : undefined;
}

function unknownKey(table: KeyPath, key: string, root: Schema): ProblemDraft {
  const schema = schemaAt(root, table);
  const known = schema ? keysOf(schema) : [];
  const suggestion = nearest(key, known);
  const what = table.length === 1 && table[0] === "channels" ? "unknown channel type" : "unknown key";
  const isHelpful = suggestion === undefined && known.length > 0 && known.length <= 6;
  const message = isHelpful ? `${what} (known: ${known.join(", ")})` : what;
  return { code: "unknown_key", path: [...table, key], message, suggestion, at: "key" };
}

function missingKey(path: KeyPath, field: Schema | undefined): ProblemDraft {
  const description = field && descriptionOf(field);
  const wanted = field ? exampleOf(field) : "a value";
  const message = `is missing: add ${wanted}${description ? ` (${description.replace(/\.$/, "")})` : ""}`;
  return { code: "missing_key", path, message, at: "table" };
}

function exampleOf(field: Schema): string {
  if (takesReference(field)) return expectation(field);
  const def = definitionOf(bare(field));
  return def.type === "literal" ? `the value ${expectation(field)}` : expectation(field);
}
