import { JackfieldError } from "@jackfield/core";
import { formatPath, type KeyPath } from "./key-path.ts";
import { nearest } from "./nearest.ts";

/** The error for a path that leads to nothing: `CONFIG_PATH_UNKNOWN`, with what was probably meant. */
export function unknownPath(path: KeyPath, known: readonly string[], where: string): JackfieldError {
  const table = path.slice(0, -1);
  const near = nearest(String(path.at(-1)), known);
  const suggestion = near === undefined ? "" : `, did you mean "${formatPath([...table, near])}"?`;
  const isHelpful = near === undefined && known.length > 0;
  const list = isHelpful ? ` (known: ${known.map((key) => formatPath([...table, key])).join(", ")})` : "";
  return new JackfieldError(
    "CONFIG_PATH_UNKNOWN",
    `there is no ${formatPath(path)} in ${where}${suggestion}${list}`,
  );
}
