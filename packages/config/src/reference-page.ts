import { type ChannelType, fieldTraits, retryFields } from "@jackfield/core";
import { createDeploymentSchema } from "./deployment-schema.ts";
import { typeName } from "./expectation.ts";
import {
  childOf,
  defaultOf,
  descriptionOf,
  isOptional,
  isTable,
  keysOf,
  type Schema,
} from "./schema-tree.ts";
import { formatKey, formatValue } from "./toml-text.ts";

const introduction = `# Configuration reference

<!-- Generated from the schemas: change a description there. -->

One TOML file describes a deployment. Keys are written as they stand here; an unknown key is an error. A secret or a URL may
be a literal, \`{ env = "NAME" }\` or \`{ file = "path" }\`; a relative path begins at the file's folder, and one newline at the
end of a secret file is not part of the secret.

Each key can be overridden by a variable of the environment: \`channels.webhook.ops.maxRetries\` by
\`JACKFIELD_CHANNELS__WEBHOOK__OPS__MAX_RETRIES\`.`;

const retryIntroduction = `## Retries

Every channel has these keys, whatever its type, and \`[agent]\` has them for its turns.`;

/** The reference of the whole configuration in Markdown: a table for each section and for each channel type. */
export function configReference(types: readonly ChannelType[]): string {
  const deployment = createDeploymentSchema(types);
  const keys = keysOf(deployment);
  const sections = keys.filter((key) => key !== "channels" && isTableAt(deployment, key));
  const single = keys.filter((key) => !isTableAt(deployment, key));
  const parts = [
    introduction,
    `## The file\n\n${tableOf(rowsOf(deployment, single))}`,
    ...sections.map((key) => sectionOf(`[${formatKey(key)}]`, childOf(deployment, key))),
    ...types.map(channelSection),
    `${retryIntroduction}\n\n${tableOf(retryRows(types))}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function sectionOf(header: string, schema: Schema | undefined): string {
  if (!schema) return "";
  const description = descriptionOf(schema) ?? "";
  return `## \`${header}\`\n\n${description}\n\n${tableOf(rowsOf(schema, ownKeysOf(schema)))}`;
}

function isTableAt(schema: Schema, key: string): boolean {
  const child = childOf(schema, key);
  return child !== undefined && isTable(child);
}

function channelSection({ type, description, config }: ChannelType): string {
  const own = ownKeysOf(config);
  const rows = own.length > 0 ? tableOf(rowsOf(config, own)) : "It has no keys of its own.";
  return `## \`[channels.${type}.<alias>]\`\n\n${description}\n\n${rows}`;
}

function ownKeysOf(schema: Schema): readonly string[] {
  return keysOf(schema).filter((key) => !Object.hasOwn(retryFields, key));
}

/** A channel type may have defaults of its own for the retry keys; the page says so where it is the case. */
function retryRows(types: readonly ChannelType[]): Row[] {
  return Object.entries(retryFields).map(([key, field]) => {
    const row = rowOf(key, field);
    const others = types.flatMap(({ type, config }) => {
      const own = childOf(config, key);
      const preset = own && presetOf(own);
      return preset === undefined || preset === row.preset ? [] : [`${preset} (${type})`];
    });
    return { ...row, preset: [row.preset, ...others].join(", ") };
  });
}

interface Row {
  readonly key: string;
  readonly type: string;
  readonly preset: string;
  readonly description: string;
}

function rowsOf(schema: Schema, keys: readonly string[], prefix = ""): Row[] {
  return keys.flatMap((key) => {
    const field = childOf(schema, key);
    if (!field) return [];
    const name = `${prefix}${formatKey(key)}`;
    return [rowOf(name, field), ...rowsOf(field, keysOf(field), `${name}.`)];
  });
}

function rowOf(key: string, field: Schema): Row {
  return {
    key: `\`${key}\``,
    type: fieldTraits(field).secret ? "secret" : typeName(field),
    preset: presetOf(field),
    description: descriptionOf(field) ?? "",
  };
}

function presetOf(field: Schema): string {
  const preset = defaultOf(field);
  if (preset !== undefined) return `\`${formatValue(preset)}\``;
  return isOptional(field) ? "" : "required";
}

function tableOf(rows: readonly Row[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const head = [line(["Key", "Type", "Default", "Meaning"]), "|---|---|---|---|"];
  return [...head, ...rows.map((row) => line([row.key, row.type, row.preset, row.description]))].join("\n");
}
