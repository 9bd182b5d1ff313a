import { isJackfieldError } from "@jackfield/core";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/** Errors that are the user's to mend before anything can run. */
const usageCodes = new Set(["CONFIG_INVALID", "CHANNEL_CONFIG_INVALID", "USAGE"]);

/**
 * Runs the command `jackfield`.
 *
 * @param args what stands behind the command's name
 * @returns the exit code
 */
export async function main(args: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? exitCodes.done);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!isJackfieldError(error)) throw error;
    terminal.err(error.message);
    return usageCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
  }
}
