/**
 * The value below which the given share of the values lies, interpolated between neighbours.
 *
 * @param share from 0, the smallest value, to 1, the largest
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = share * (sorted.length - 1);
  const lower = sorted[Math.floor(position)];
  const upper = sorted[Math.ceil(position)];
  if (lower === undefined || upper === undefined) throw new RangeError(`no values, or no share: ${share}`);
  return lower + (upper - lower) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Each value divided by the base that was measured in the same round. */
export function ratios(values: readonly number[], bases: readonly number[]): number[] {
  if (values.length !== bases.length) {
    throw new RangeError(`each value needs its base: ${values.length} values, ${bases.length} bases`);
  }
  return values.map((value, round) => value / (bases[round] ?? Number.NaN));
}

/**
 * The median of the ratios of values that were measured in the same round.
 *
 * What else runs on the machine slows neighbours in time alike, so a ratio inside a round is steadier than one of medians.
 */
export function medianRatio(values: readonly number[], bases: readonly number[]): number {
  return median(ratios(values, bases));
}
