import { describe, it } from "vitest";
import { storeContract } from "./store-contract.ts";
import type { StoreSubject } from "./subject.ts";

/**
 * The store contract as a suite of vitest: one test for each rule, each in a store of its own.
 *
 * ```ts
 * describeStoreContract({ name: "memory", open: (clock) => createMemoryStore({ clock }) });
 * ```
 */
export function describeStoreContract(subject: StoreSubject): void {
  describe(`the store "${subject.name}" keeps the store contract`, () => {
    for (const { name, check } of storeContract(subject)) it(name, check);
  });
}
