import type { FaultName } from "./faults.ts";
import { type ContractSubject, faultsOf } from "./subject.ts";

/** One rule of the channel contract, for any subject. */
export interface Rule {
  /** A sentence in the present tense. */
  readonly name: string;
  /** Why the rule says nothing about this subject, where that is so. */
  skip?(subject: ContractSubject): string | undefined;
  /** Rejects, with what was found instead, when the rule is broken. */
  check(subject: ContractSubject): void | Promise<void>;
}

/** For `skip`: the rule needs at least one of these faults. */
export function needs(wanted: readonly FaultName[]): NonNullable<Rule["skip"]> {
  return (subject) => {
    if (faultsOf(subject, wanted).length > 0) return undefined;
    return `its remote gives no fault ${wanted.map((name) => `"${name}"`).join(" or ")}`;
  };
}
