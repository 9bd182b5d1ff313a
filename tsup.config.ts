import { existsSync } from "node:fs";
import { defineConfig } from "tsup";

// Run in the folder of each package: one bundle an entry, so that a start reads few files.
export default defineConfig({
  entry: ["src/index.ts", "src/bin.ts"].filter((entry) => existsSync(entry)),
  format: "esm",
  target: "node24",
  platform: "node",
  tsconfig: "../../tsconfig.json",
  dts: { entry: "src/index.ts" },
  clean: true,
  splitting: true,
  treeshake: true,
});
