/** Claims that are under way or not yet recorded, and when their leases have to be renewed: at a third of their length. */
export class Leases<Claim> {
  readonly leaseMs: number;
  /** The oldest lease first, with the moment (monotonic) from which it is renewed. */
  readonly #renewAt = new Map<Claim, number>();

  constructor(leaseMs: number) {
    this.leaseMs = leaseMs;
  }

  get size(): number {
    return this.#renewAt.size;
  }

  /** In how many milliseconds what was added now is to be renewed. */
  get renewInMs(): number {
    return this.leaseMs / 3;
  }

  has(claim: Claim): boolean {
    return this.#renewAt.has(claim);
  }

  add(claim: Claim, now: number): void {
    this.#renewAt.set(claim, now + this.renewInMs);
  }

  delete(claim: Claim): void {
    this.#renewAt.delete(claim);
  }

  some(holds: (claim: Claim) => boolean): boolean {
    for (const claim of this.#renewAt.keys()) if (holds(claim)) return true;
    return false;
  }

  /** Takes what is to be renewed now; it counts as renewed. */
  takeDue(now: number): readonly Claim[] {
    const due: Claim[] = [];
    for (const [claim, renewAt] of this.#renewAt) {
      if (renewAt > now) break;
      due.push(claim);
    }
    for (const claim of due) {
      this.#renewAt.delete(claim);
      this.add(claim, now);
    }
    return due;
  }
}
