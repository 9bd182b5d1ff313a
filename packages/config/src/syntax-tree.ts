import type { AST } from "toml-eslint-parser";

export type SyntaxTree = AST.TOMLProgram;

/**
 * Parses TOML for the places of its keys and values. The parser is loaded with the first call: a configuration without
 * problems does not wait for it.
 *
 * @returns undefined where this parser does not read what smol-toml reads
 */
export async function parseSyntaxTree(text: string): Promise<SyntaxTree | undefined> {
  const { parseTOML, ParseError } = await import("toml-eslint-parser");
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** The text of a key, without quotes. */
export function keyText(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === "TOMLBare" ? key.name : key.value;
}
