import { existsSync } from "node:fs";
import { defineConfig, type Options } from "tsup";

const shared: Options = {
  format: "esm",
  target: "node24",
  platform: "node",
  tsconfig: "../../tsconfig.json",
  splitting: true,
  clean: true,
  // node:sqlite exists under this name only.
  removeNodeProtocol: false,
};

// Run in the folder of each package. The command is one bundle with its dependencies in it and a chunk for each verb: a start
// then reads few files, and `jackfield --help` does not wait for an HTTP client.
export default defineConfig([
  { ...shared, entry: ["src/index.ts"], dts: true, outDir: "dist" },
  ...(existsSync("src/bin.ts")
    ? [
        {
          ...shared,
          entry: ["src/bin.ts"],
          outDir: "dist/bin",
          noExternal: [/./],
          esbuildOptions(options: { conditions?: string[] }) {
            options.conditions = ["@jackfield/source"];
          },
          banner: {
            js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
          },
        },
      ]
    : []),
]);
