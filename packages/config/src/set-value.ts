import { JackfieldError } from "@jackfield/core";
import { createDeploymentSchema } from "./deployment-schema.ts";
import { type CannotEdit, removeFromText, setInText } from "./edit-text.ts";
import { formatPath, isWithin, type KeyPath, parsePath } from "./key-path.ts";
import { checkConfig, type LoadedConfig, type LoadOptions, parseConfig } from "./load.ts";
import { findOverrides, type Override } from "./overrides.ts";
import { isTableValue, parseToml, type Table } from "./parse-toml.ts";
import { type ConfigFile, readConfigFile } from "./read-file.ts";
import { childOf, keysOf, type Schema } from "./schema-tree.ts";
import { parseSyntaxTree, type SyntaxTree } from "./syntax-tree.ts";
import { unknownPath } from "./unknown-path.ts";
import { parseValueOrReference } from "./value-text.ts";
import { replaceFile } from "./write-file.ts";

/** A change of one key of the file. */
export interface ConfigChange {
  /** The key, as {@link parsePath} takes it. */
  readonly key: string;
  /** Whether the file is another one now. */
  readonly isChanged: boolean;
  /** A variable of the environment that overrides the key, so that the change has no effect while it is set. */
  readonly overriddenBy?: string;
}

/**
 * Sets one key in the file. The whole file as it would be is checked before a byte of it is written, overrides of the key
 * itself left out. Comments and layout stay.
 *
 * @param options `value` is a text that is read as the schema wants it; a secret may also be `{ env = "NAME" }`
 * @throws ConfigError when the result would not be right
 * @throws JackfieldError `CONFIG_PATH_INVALID`, `CONFIG_PATH_UNKNOWN`, `CONFIG_NOT_EDITABLE`, `CONFIG_NOT_WRITTEN`
 */
export function setConfigValue(
  options: LoadOptions & { readonly key: string; readonly value: string },
): Promise<ConfigChange> {
  return editConfig(options, (text, tree, path, schema) => {
    const value = parseValueOrReference(schema, options.value);
    if (holdsNull(value)) return { reason: "TOML has no null" };
    return {
      text: setInText(text, tree, path, value),
      expect: (document) => withValue(document, path, value),
    };
  });
}

/**
 * Removes one key from the file, so that its default holds again. Checked before it is written, as {@link setConfigValue}.
 *
 * @throws as {@link setConfigValue}
 */
export function removeConfigValue(options: LoadOptions & { readonly key: string }): Promise<ConfigChange> {
  return editConfig(options, (text, tree, path) => ({
    text: removeFromText(text, tree, path),
    expect: (document) => withValue(document, path, undefined),
  }));
}

interface Edit {
  readonly text: string | CannotEdit;
  /** The document that has to come out, for whoever edits texts by offsets had better look at the result. */
  readonly expect: (document: Table) => Table;
}

async function editConfig(
  options: LoadOptions & { readonly key: string },
  edit: (text: string, tree: SyntaxTree, path: readonly string[], schema: Schema) => Edit | CannotEdit,
): Promise<ConfigChange> {
  const file = await readConfigFile(options.path, options);
  const root = createDeploymentSchema(options.types);
  const document = parseConfig(file, root);
  const { path, schema } = keyIn(root, options.key);
  const tree = await parseSyntaxTree(file.text);
  const edited = tree ? edit(file.text, tree, path, schema) : { reason: "its layout is not understood" };
  const text = "reason" in edited ? edited : edited.text;
  if (typeof text !== "string") throw notEditable(file, path, text.reason);
  const isRight = "expect" in edited && isSame(parseToml(text).document, edited.expect(document));
  if (!isRight) throw notEditable(file, path, "its place in the file was not found");
  await checkResult({ ...file, text }, options, path);
  if (text !== file.text)
    await replaceFile(file.absolutePath, (file.hasByteOrderMark ? "\ufeff" : "") + text);
  const override = findOverrides(options.env, root, document).overrides.find((one) =>
    isWithin(path, one.path),
  );
  return {
    key: formatPath(path),
    isChanged: text !== file.text,
    ...(override && { overriddenBy: override.variable }),
  };
}

/** An override would hide what was set, right or wrong. */
function checkResult(file: ConfigFile, options: LoadOptions, path: KeyPath): Promise<LoadedConfig> {
  const touches = (override: Override) => isWithin(path, override.path) || isWithin(override.path, path);
  return checkConfig(file, options, (override) => !touches(override));
}

function keyIn(root: Schema, key: string): { readonly path: readonly string[]; readonly schema: Schema } {
  const path: string[] = [];
  let schema = root;
  for (const step of parsePath(key)) {
    if (typeof step === "number") {
      throw new JackfieldError(
        "CONFIG_PATH_INVALID",
        `${key}: an array is changed as a whole, without [${step}]`,
      );
    }
    path.push(step);
    const child = childOf(schema, step);
    if (!child) throw unknownPath(path, keysOf(schema), "the configuration");
    schema = child;
  }
  return { path, schema };
}

function notEditable({ path: file }: ConfigFile, path: KeyPath, reason: string): JackfieldError {
  return new JackfieldError(
    "CONFIG_NOT_EDITABLE",
    `${formatPath(path)} was not changed: ${reason}; change ${file} in an editor`,
  );
}

function withValue(document: Table, [key = "", ...rest]: readonly string[], value: unknown): Table {
  const copy: Table = Object.assign(Object.create(null), document);
  const below = copy[key];
  if (rest.length > 0) copy[key] = withValue(isTableValue(below) ? below : Object.create(null), rest, value);
  else copy[key] = value;
  return copy;
}

/** Whether two documents say the same; a table without keys says as much as no table. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  const [left, right] = [a ?? emptyTable, b ?? emptyTable];
  if (!isTableValue(left) || !isTableValue(right)) return Object.is(left, right);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) =>
    isSame(left[key], right[key]),
  );
}

const emptyTable: Table = Object.create(null);

function holdsNull(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsNull);
  return value === null || (isTableValue(value) && Object.values(value).some(holdsNull));
}
