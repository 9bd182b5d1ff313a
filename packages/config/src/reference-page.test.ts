import { defineChannel, retryFields } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { configReference } from "./reference-page.ts";
import { bell, types } from "./test-support.ts";

const page = configReference(types);

test("each channel type has a section with its description", () => {
  expect(page).toContain("## `[channels.pager.<alias>]`\n\nRings a pager.\n");
});

test.each([
  "| `version` | 1 | required | The version of the file's format. |",
  "| `sendUrl` | URL | required | Where messages are sent. |",
  "| `token` | secret |  | Proves who we are. |",
  "| `previousTokens` | array of secrets | `[]` | Tokens of the past. |",
  "| `headers` | table of secrets | `{}` | Further headers. |",
  '| `tone` | one of "standard", "loud", "none" | `"standard"` | How it rings. |',
  "| `volume` | number from 0 to 1 | `0.5` | How loud, as a share. |",
  "| `hours` | table |  | When it may ring. |",
  "| `hours.to` | whole number from 0 to 23 | `17` |  |",
])("a row is %s", (row) => {
  expect(page.split("\n")).toContain(row);
});

test("a section of the file other than the channels has a table of its own", () => {
  expect(page).toMatch(
    /\n## `\[store\]`\n\n[^\n]+\n\n\| Key \| Type \| Default \| Meaning \|\n\|---\|---\|---\|---\|\n\| `url` \|/,
  );
});

test("the retry keys stand once, for all channels", () => {
  expect(page.split("\n").filter((line) => line.startsWith("| `maxRetries` |"))).toEqual([
    "| `maxRetries` | whole number from 0 to 1000000 | `3` | Retries after the first attempt; 0 is one attempt. |",
  ]);
});

test("a channel type's own default of a retry key is named", () => {
  const stubborn = defineChannel({
    ...bell,
    type: "stubborn",
    config: z.strictObject({ ...retryFields, maxRetries: z.int().min(0).max(1_000_000).default(99) }),
  });
  expect(configReference([bell, stubborn])).toContain("| `3`, `99` (stubborn) |");
});

test("the page is the same each time, and ends with one newline", () => {
  expect(configReference(types)).toBe(page);
  expect(page).toMatch(/[^\n]\n$/);
});
