import { defineConfig } from "vitest/config";

// Packages are tested from their sources: no build stands between an edit and its test.
const conditions = ["@jackfield/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["@jackfield/source"] } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 15_000,
    // CI counts from the report; see .ci/run.
    reporters: process.env.CI ? ["default", "json"] : ["default"],
    outputFile: { json: "test-results.json" },
  },
});
