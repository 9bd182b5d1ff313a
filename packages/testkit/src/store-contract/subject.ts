import type { Clock, Store } from "@jackfield/core";

/** What the store contract is checked against. */
export interface StoreSubject {
  /** How the store is called in the title of the suite. */
  readonly name: string;
  /** Opens a new, empty store; the suite closes it. All its time comes from the clock. */
  open(clock: Clock): Store | Promise<Store>;
}
