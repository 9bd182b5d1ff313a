import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { generatedFiles } from "../../config/generated-files.ts";

test.each(generatedFiles)("$path is what `npm run generate` writes", ({ path, text }) => {
  expect(readFileSync(path, "utf8"), `${basename(path)} is stale: npm run generate`).toBe(text);
});
