import { isJackfieldError } from "@jackfield/core";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { printable, processTerminal, type Terminal } from "./terminal.ts";
import { unexpectedError } from "./unexpected-error.ts";

/** Errors that are the user's to mend before anything can run. */
const usageCodes = new Set(["CONFIG_INVALID", "CONFIG_PATH_UNKNOWN", "CHANNEL_CONFIG_INVALID", "USAGE"]);

/**
 * Runs the command `jackfield`.
 *
 * @param args what stands behind the command's name
 * @returns the exit code
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!isJackfieldError(error)) {
      terminal.err(unexpectedError(error));
      return exitCodes.failed;
    }
    terminal.err(printable(error.message));
    return usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
  }
}
