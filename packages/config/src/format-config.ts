import { type DescribedValue, toTree } from "./describe.ts";
import { formatOrigin } from "./origin.ts";
import { formatKey, formatValue } from "./toml-text.ts";

/** How a configuration is to be printed. */
export interface FormatConfigOptions {
  /** Say of each value where it comes from. */
  readonly origin?: boolean;
}

/** Comments stand in one column, as long as the values leave room for it. */
const widestAligned = 60;

/** The effective configuration as TOML; origins are comments behind the values. */
export function formatConfig(
  rows: readonly DescribedValue[],
  { origin = false }: FormatConfigOptions = {},
): string {
  const tables = new Map<string, { readonly line: string; readonly comment: string }[]>();
  for (const row of rows) {
    const header = row.path.slice(0, -1).map(formatKey).join(".");
    const lines = tables.get(header) ?? [];
    const line = `${formatKey(row.path.at(-1) ?? "")} = ${formatValue(row.value)}`;
    lines.push({ line, comment: origin ? `# ${formatOrigin(row.origin)}` : "" });
    tables.set(header, lines);
  }
  const lengths = [...tables.values()].flat().map(({ line }) => line.length);
  const width = Math.max(0, ...lengths.filter((length) => length <= widestAligned));
  const blocks = [...tables].map(([header, lines]) => {
    const body = lines.map(({ line, comment }) => `${line.padEnd(width)}  ${comment}`.trimEnd());
    return [...(header ? [`[${header}]`] : []), ...body].join("\n");
  });
  return blocks.join("\n\n");
}

/** The effective configuration as JSON; with origins, each value is an object `{ value, origin }`. */
export function formatConfigJson(
  rows: readonly DescribedValue[],
  { origin = false }: FormatConfigOptions = {},
): string {
  const tree = origin ? toTree(rows, ({ value, origin }) => ({ value, origin })) : toTree(rows);
  return JSON.stringify(tree, undefined, 2);
}
