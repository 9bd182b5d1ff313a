import { exitCodes } from "./exit-codes.ts";
import { processTerminal } from "./terminal.ts";
import { unexpectedError } from "./unexpected-error.ts";

/**
 * Sees to it that no stack trace is what a person gets: not when the reader of our output leaves early (`| head -1`), nor
 * when the disk below it is full, nor when something throws where nobody listens.
 */
export function guardProcess(): { outputFailed(): boolean } {
  let hasFailed = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // Who has read enough has closed the pipe, and nothing is wrong with that. What was begun goes on.
    if (error.code === "EPIPE") return;
    if (!hasFailed) processTerminal.err(`cannot write to stdout (${error.code ?? error.message})`);
    hasFailed = true;
    process.exitCode = exitCodes.failed;
  });
  // There is nowhere left to say it.
  process.stderr.on("error", () => undefined);
  process.on("uncaughtException", (error) => {
    processTerminal.err(unexpectedError(error));
    process.exit(exitCodes.failed);
  });
  return { outputFailed: () => hasFailed };
}
