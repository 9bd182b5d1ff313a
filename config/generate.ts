// `npm run generate`: writes the checked-in files that are made from the schemas.
import { writeFile } from "node:fs/promises";
import { generatedFiles } from "./generated-files.ts";

for (const { path, text } of generatedFiles) await writeFile(path, text);
