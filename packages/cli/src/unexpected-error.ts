import { inspect } from "node:util";
import { printable } from "./terminal.ts";

/** An error that nobody foresaw, in a line; with `JACKFIELD_DEBUG` set, whole. */
export function unexpectedError(error: unknown, env: NodeJS.ProcessEnv = process.env): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = `something went wrong that should not: ${printable(message).replace(/\s+/g, " ")}`;
  return env.JACKFIELD_DEBUG
    ? `${line}\n${inspect(error)}`
    : `${line} (please report it, with what JACKFIELD_DEBUG=1 prints)`;
}
