import { main } from "./main.ts";
import { guardProcess } from "./process-guard.ts";

// Run by bin/jackfield.js; from a checkout also directly, without a build.
const guard = guardProcess();
const exitCode = await main(process.argv.slice(2));
process.exitCode = guard.outputFailed() ? 1 : exitCode;
