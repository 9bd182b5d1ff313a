import type { ChannelType } from "@jackfield/core";
import { childOf, defaultOf, descriptionOf, isOptional, keysOf } from "./schema-tree.ts";
import { formatKey, formatValue } from "./toml-text.ts";

/** What a first configuration shall contain. */
export interface InitAnswers {
  readonly type: ChannelType;
  readonly alias: string;
  /** The keys that were answered; a reference is `{ env: "NAME" }` or `{ file: "path" }`. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys to be shown with their defaults, commented out. Default: every key that has one. */
  readonly suggestions?: readonly string[];
  /** Where an editor finds the schema, as the file's first line says it. */
  readonly schemaPath?: string;
}

const widestComment = 96;

/** The text of a commented file to begin with. What it says about keys and defaults comes from the schema. */
export function initConfig(answers: InitAnswers): string {
  const { type, alias, values, schemaPath = "./jackfield.schema.json" } = answers;
  const keys = keysOf(type.config);
  const written = keys.filter((key) => values[key] !== undefined || isRequired(type, key));
  const withDefault = (key: string) => defaultOf(childOf(type.config, key) ?? type.config) !== undefined;
  const suggestions = answers.suggestions ?? keys.filter(withDefault);
  const suggested = suggestions.filter((key) => keys.includes(key) && !written.includes(key));
  const head = [
    `#:schema ${schemaPath}`,
    "# Your editor completes and checks this file by the schema above: jackfield config schema > jackfield.schema.json",
    "# `jackfield config check` says what is wrong, `jackfield config show --origin` what is in force and why.",
    "version = 1",
    "",
    `# ${type.description}`,
    `[channels.${formatKey(type.type)}.${formatKey(alias)}]`,
  ];
  const lines = [
    ...head,
    ...written.flatMap((key) => [...describe(type, key), assignment(key, values[key])]),
    ...(suggested.length > 0 ? ["", "# Further keys, with their defaults:"] : []),
    ...suggested.flatMap((key) => [...describe(type, key), commentedOut(type, key)]),
  ];
  return `${lines.join("\n")}\n`;
}

function isRequired(type: ChannelType, key: string): boolean {
  const field = childOf(type.config, key);
  return field !== undefined && !isOptional(field);
}

/** A key that is needed and was not answered is left to be filled in; `config check` points at it. */
function assignment(key: string, value: unknown): string {
  return value === undefined ? `# ${formatKey(key)} = ` : `${formatKey(key)} = ${formatValue(value)}`;
}

function commentedOut(type: ChannelType, key: string): string {
  const field = childOf(type.config, key);
  const preset = field && defaultOf(field);
  return `# ${formatKey(key)} = ${preset === undefined ? "" : formatValue(preset)}`.trimEnd();
}

function describe(type: ChannelType, key: string): string[] {
  const field = childOf(type.config, key);
  const words = (field && descriptionOf(field))?.split(" ") ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    const longer = last === undefined ? `# ${word}` : `${last} ${word}`;
    if (last === undefined || longer.length > widestComment) lines.push(`# ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
