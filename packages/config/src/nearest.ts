/** The candidate that was probably meant, or undefined when none is near. */
export function nearest(written: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = distanceBetween(written, candidate);
    if (distance !== undefined && (!best || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** How far apart two names are; undefined when nobody would take one for the other. */
function distanceBetween(written: string, candidate: string): number | undefined {
  if (written === candidate) return undefined;
  const [a, b] = [plain(written), plain(candidate)];
  if (a === b) return 0;
  const distance = editDistance(a.slice(0, 80), b.slice(0, 80));
  if (distance <= Math.max(1, Math.floor(Math.min(a.length, b.length) / 3))) return distance;
  // "retries" for "maxRetries": a part of the name, and a part that says something.
  return a.length >= 4 && b.includes(a) ? distance : undefined;
}

/** `max_retries`, `max-retries` and `maxRetries` are the same name to a person. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

/** The optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + cost);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
