import type { ChannelConfigSchema } from "@jackfield/core";

/** The parts of a JSON Schema that the contract looks at. */
interface SchemaNode {
  readonly description?: string;
  readonly writeOnly?: boolean;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode | boolean;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
}

function schemaOf(config: ChannelConfigSchema): SchemaNode {
  return config.toJSONSchema({ io: "input" }) as SchemaNode;
}

/** Every named field of a config, those of its inner objects included. */
export function describedFields(
  config: ChannelConfigSchema,
): readonly { readonly path: string; readonly description: string | undefined }[] {
  return fieldsBelow(schemaOf(config), "");
}

function fieldsBelow(node: SchemaNode, path: string): { path: string; description: string | undefined }[] {
  const named = Object.entries(node.properties ?? {}).flatMap(([name, field]) => [
    { path: path + name, description: field.description },
    ...fieldsBelow(field, `${path}${name}.`),
  ]);
  const inner = [node.items, node.additionalProperties, ...alternatives(node)].filter(isNode);
  return [...named, ...inner.flatMap((child) => fieldsBelow(child, path))];
}

/**
 * The paths at which a value holds `secret` in a field that is marked neither as a secret nor as a URL, and whether it
 * holds it at all.
 */
export function findSecret(
  config: ChannelConfigSchema,
  value: unknown,
  secret: string,
): { readonly found: boolean; readonly unmarked: readonly string[] } {
  const unmarked: string[] = [];
  let found = false;

  function search(part: unknown, nodes: readonly SchemaNode[], path: string): void {
    if (typeof part === "string" && part.includes(secret)) {
      found = true;
      if (!nodes.some(isMarked)) unmarked.push(path);
    } else if (typeof part === "object" && part !== null) {
      for (const [key, child] of Object.entries(part)) {
        const below = nodes.flatMap((node) => childrenAt(node, key));
        search(child, below, path ? `${path}.${key}` : key);
      }
    }
  }

  search(value, [schemaOf(config)], "");
  return { found, unmarked };
}

const isMarked = (node: SchemaNode): boolean =>
  node.writeOnly === true || node.format === "uri" || alternatives(node).some(isMarked);

function childrenAt(node: SchemaNode, key: string): SchemaNode[] {
  const own = [node.properties?.[key], node.items, node.additionalProperties].filter(isNode);
  // What holds for a whole field holds for its parts.
  const inherited = isMarked(node) ? [node] : [];
  return [...own, ...inherited, ...alternatives(node).flatMap((child) => childrenAt(child, key))];
}

function alternatives({ anyOf = [], oneOf = [], allOf = [] }: SchemaNode): readonly SchemaNode[] {
  return [...anyOf, ...oneOf, ...allOf];
}

function isNode(node: SchemaNode | boolean | undefined): node is SchemaNode {
  return typeof node === "object";
}
