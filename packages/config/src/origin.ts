import type { KeyPath } from "./key-path.ts";
import { pathId } from "./key-path.ts";

/** Where an effective value came from. */
export type Origin =
  | { readonly from: "default" }
  | { readonly from: "file"; readonly file: string; readonly line: number }
  /** Either a variable that overrides a key, or one that the file refers to by `{ env = "NAME" }`. */
  | { readonly from: "environment"; readonly variable: string }
  /** The file refers to it by `{ file = "path" }`. */
  | { readonly from: "secret_file"; readonly path: string };

/** Origins by path; one of a table or of an array holds for all that lies below it. */
export type Origins = ReadonlyMap<string, Origin>;

/** The origin of a path, or of what it is a part of. */
export function originOf(origins: Origins, path: KeyPath): Origin | undefined {
  for (let length = path.length; length > 0; length--) {
    const origin = origins.get(pathId(path.slice(0, length)));
    if (origin) return origin;
  }
  return undefined;
}

/** An origin in the words of `config show --origin`. */
export function formatOrigin(origin: Origin): string {
  switch (origin.from) {
    case "default":
      return "default";
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return `environment ${origin.variable}`;
    case "secret_file":
      return `file ${origin.path}`;
  }
}
