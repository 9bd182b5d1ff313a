import { fieldTraits } from "@jackfield/core";
import * as z from "zod";
import type { KeyPath } from "./key-path.ts";

/** Any zod schema. */
export type Schema = z.core.$ZodType;
type Definition = z.core.$ZodTypes["_zod"]["def"];

/** The definition of a schema, as one of zod's known kinds. */
export function definitionOf(schema: Schema): Definition {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The schema without what only wraps it: optional, default, and the later end of a pipe. */
export function bare(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner ? bare(inner) : schema;
}

function innerOf(schema: Schema): Schema | undefined {
  const def = definitionOf(schema);
  switch (def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return def.innerType;
    case "lazy":
      return def.getter();
    case "pipe":
      // z.preprocess is a pipe too; what may be written is then described by its end.
      return definitionOf(def.in).type === "transform" ? def.out : def.in;
    default:
      return undefined;
  }
}

/** What stands below a key, or undefined where the schema has no such key. */
export function childOf(schema: Schema, key: string | number): Schema | undefined {
  const def = definitionOf(bare(schema));
  switch (def.type) {
    case "object":
      return Object.hasOwn(def.shape, key) ? def.shape[key] : def.catchall && openEnd(def.catchall);
    case "record":
      return typeof key === "string" ? def.valueType : undefined;
    case "array":
      return typeof key === "number" ? def.element : undefined;
    case "tuple":
      return typeof key === "number" ? (def.items[key] ?? def.rest ?? undefined) : undefined;
    case "union":
      return firstChild(def.options, key);
    case "intersection":
      return firstChild([def.left, def.right], key);
    default:
      return undefined;
  }
}

function firstChild(schemas: readonly Schema[], key: string | number): Schema | undefined {
  for (const schema of schemas) {
    const child = childOf(schema, key);
    if (child) return child;
  }
  return undefined;
}

function openEnd(catchall: Schema): Schema | undefined {
  return definitionOf(catchall).type === "never" ? undefined : catchall;
}

/** The keys that a table of this schema declares; none for a record, whose keys are free. */
export function keysOf(schema: Schema): readonly string[] {
  const def = definitionOf(bare(schema));
  if (def.type === "object") return Object.keys(def.shape);
  if (def.type === "union") return [...new Set(def.options.flatMap(keysOf))];
  if (def.type === "intersection") return [...new Set([...keysOf(def.left), ...keysOf(def.right)])];
  return [];
}

/** What stands directly below a schema, with its key where the schema declares one. */
export function membersOf(schema: Schema): readonly (readonly [string | undefined, Schema])[] {
  const def = definitionOf(bare(schema));
  switch (def.type) {
    case "object":
      return Object.entries(def.shape);
    case "record":
      return [[undefined, def.valueType]];
    case "array":
      return [[undefined, def.element]];
    case "union":
      return def.options.flatMap(membersOf);
    case "intersection":
      return [def.left, def.right].flatMap(membersOf);
    default:
      return [];
  }
}

/** The schema at a path below `root`. */
export function schemaAt(root: Schema, path: KeyPath): Schema | undefined {
  let schema: Schema | undefined = root;
  for (const key of path) schema = schema && childOf(schema, key);
  return schema;
}

/** Whether TOML writes a value of this schema as a table. */
export function isTable(schema: Schema): boolean {
  const def = definitionOf(bare(schema));
  if (def.type === "union") return def.options.every(isTable);
  return def.type === "object" || def.type === "record" || def.type === "intersection";
}

/** Whether a key may be left out. */
export function isOptional(schema: Schema): boolean {
  return schema._zod.optin !== undefined;
}

/** What holds where a key is left out; undefined where nothing does. */
export function defaultOf(schema: Schema): unknown {
  for (let inner: Schema | undefined = schema; inner; inner = innerOf(inner)) {
    const def = definitionOf(inner);
    if (def.type === "default" || def.type === "prefault") return def.defaultValue;
  }
  return undefined;
}

/** The schema's own description, or the one of what it wraps. */
export function descriptionOf(schema: Schema): string | undefined {
  for (let inner: Schema | undefined = schema; inner; inner = innerOf(inner)) {
    const description = z.globalRegistry.get(inner)?.description;
    if (description !== undefined) return description;
  }
  return undefined;
}

/** Whether a value of this schema is written as a reference where it is wanted: `{ env = "NAME" }`. */
export function takesReference(schema: Schema): boolean {
  const { secret, url } = fieldTraits(schema);
  return secret || url;
}

/** Whether a single value of this schema may be shown as it was written: it is no table, no array, no secret and no URL. */
export function isShowable(schema: Schema | undefined): boolean {
  if (!schema || takesReference(schema)) return false;
  const def = definitionOf(bare(schema));
  if (def.type === "union") return def.options.every(isShowable);
  return ["string", "number", "int", "boolean", "enum", "literal", "date", "template_literal"].includes(
    def.type,
  );
}
