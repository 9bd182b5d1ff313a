import * as z from "zod";
import { explainIssue, withoutWords } from "./explain-issue.ts";
import { isWithin } from "./key-path.ts";
import type { Table } from "./parse-toml.ts";
import type { ProblemDraft } from "./problem-draft.ts";
import { secretValuesIn, withoutSecrets } from "./secret-values.ts";

/** Either the parsed deployment, or everything that is wrong with the document. */
export type Validation =
  | { readonly value: Table; readonly problems?: never }
  | { readonly problems: readonly ProblemDraft[] };

/**
 * Checks a document against its schema.
 *
 * @param known problems that were found before; what zod says about the same values would only repeat them
 */
export function validate(schema: z.ZodObject, document: Table, known: readonly ProblemDraft[]): Validation {
  const parsed = z.safeParse(schema, document, { error: () => withoutWords });
  if (parsed.success) return known.length > 0 ? { problems: known } : { value: parsed.data };
  const secrets = secretValuesIn(schema, document);
  const found = parsed.error.issues
    .flatMap((issue) => explainIssue(issue, schema, document))
    // A check that a channel type brings along may quote the value that it refuses.
    .map((problem) => ({ ...problem, message: withoutSecrets(problem.message, secrets) }));
  const isNew = ({ path }: ProblemDraft) =>
    !known.some((problem) => problem.path.length > 0 && isWithin(path, problem.path));
  return { problems: [...known, ...withoutRepeats(found.filter(isNew))] };
}

function withoutRepeats(problems: readonly ProblemDraft[]): ProblemDraft[] {
  const seen = new Set<string>();
  return problems.filter(({ path, message }) => {
    const id = JSON.stringify([path, message]);
    return !seen.has(id) && seen.add(id);
  });
}
