import { expect, test } from "vitest";
import { createDeploymentSchema } from "./deployment-schema.ts";
import { secretValuesIn, withoutSecrets } from "./secret-values.ts";
import { types } from "./test-support.ts";

const schema = createDeploymentSchema(types);
const valuesIn = (config: object) => secretValuesIn(schema, { channels: { pager: { ops: config } } });

test("secrets and URLs are found wherever the schema has them", () => {
  const config = { token: "0123456789", proxyUrl: "http://a.example", label: "not-secret" };
  const values = valuesIn({ ...config, headers: { a: "abcdefgh" }, previousTokens: ["ijklmnop"] });
  expect([...values].sort()).toEqual(["0123456789", "abcdefgh", "http://a.example", "ijklmnop"]);
});

test("a secret that is part of another leaves nothing of it to be seen", () => {
  expect(withoutSecrets("<0123456789abc>", valuesIn({ previousTokens: ["01234567", "0123456789abc"] }))).toBe(
    "<<hidden>>",
  );
});

test("what is too short to be told from a word is left alone", () => {
  expect(valuesIn({ token: "short" })).toEqual([]);
});
