import { main } from "./main.ts";

// Run by bin/jackfield.js; from a checkout also directly, without a build.
process.exitCode = await main(process.argv.slice(2));
