// Part of `npm run check`: what would be published is complete and well-formed. Needs the build.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const packagesFolder = join(import.meta.dirname, "../../packages");
let problems = 0;

for (const folder of readdirSync(packagesFolder)) {
  const { messages, pkg } = await publint({ pkgDir: join(packagesFolder, folder), strict: true });
  for (const message of messages) {
    console.error(`${pkg.name}: ${formatMessage(message, pkg)}`);
    problems++;
  }
  if (messages.length === 0) console.log(`${pkg.name}: publint is content`);
}
process.exitCode = problems === 0 ? 0 : 1;
