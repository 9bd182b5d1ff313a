import { inspect } from "node:util";
import type { Receipt } from "@jackfield/core";

/** How an attempt ended, or that it did not. */
export type Outcome =
  | { readonly state: "delivered"; readonly receipt: Receipt }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "pending" };

/** As the end of a sentence that begins with "deliver()". */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.state) {
    case "delivered":
      return `resolves with ${inspect(outcome.receipt)}`;
    case "failed":
      return `rejects with ${inspect(outcome.error)}`;
    case "pending":
      return "does not end";
  }
}
