import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { ContractSubject } from "./subject.ts";

/** Fails when a value shows one of the subject's secrets to a log: as JSON, or inspected with its causes. */
export function assertHidden({ secrets = [] }: ContractSubject, value: unknown, what: string): void {
  const lines = [asJson(value), inspect(value, { depth: Number.POSITIVE_INFINITY })].join("\n").split("\n");
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const showing = lines.find((line) => forms.some((form) => line.includes(form)));
  if (showing === undefined) return;
  // The report of the leak is not to be one itself.
  assert.fail(
    `${what}: ${forms.reduce((line, form) => line.replaceAll(form, "<the secret>"), showing.trim())}`,
  );
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch (error) {
    // A value with a cycle cannot be logged as JSON, so that nothing is shown by it.
    if (error instanceof TypeError) return "";
    throw error;
  }
}
