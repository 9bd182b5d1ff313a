import type { LoadedConfig } from "./load.ts";
import type { Table } from "./parse-toml.ts";
import { isTableValue } from "./parse-toml.ts";
import { childOf, type Schema, takesReference } from "./schema-tree.ts";
import { hidden } from "./shown-line.ts";

/** Shorter ones would be found inside of ordinary words. */
const shortestHidden = 8;

/** The secrets and URLs of a document, references resolved; longer ones first. */
export function secretValuesIn(schema: Schema, document: Table): readonly string[] {
  const found = new Set<string>();
  const visit = (field: Schema | undefined, value: unknown) => {
    if (!field) return;
    if (takesReference(field) && typeof value === "string") found.add(value);
    const members = Array.isArray(value)
      ? [...value.entries()]
      : isTableValue(value)
        ? Object.entries(value)
        : [];
    for (const [key, member] of members) visit(childOf(field, key), member);
  };
  visit(schema, document);
  return [...found].filter((value) => value.length >= shortestHidden).sort((a, b) => b.length - a.length);
}

/** A text that somebody else wrote, without the secrets that it may quote. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, value) => shown.replaceAll(value, hidden), text);
}

/** Every secret and URL that a configuration contains, for those who have to keep them out of something. Longer ones first. */
export function secretValuesOf({
  schema,
  document,
}: Pick<LoadedConfig, "schema" | "document">): readonly string[] {
  return secretValuesIn(schema, document);
}
