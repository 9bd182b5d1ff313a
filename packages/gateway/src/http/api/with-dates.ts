/** The keys under which moments stand, in milliseconds since the epoch. */
const moments = new Set([
  "at",
  "createdAt",
  "updatedAt",
  "dueAt",
  "expiresAt",
  "receivedAt",
  "startedAt",
  "lastAt",
  "resolvedAt",
]);

/** The keys under which a sender's own data stands, which is not ours to change. */
const foreign = new Set(["data", "attachments"]);

/** A value of ours as JSON shows it: moments as dates. */
export function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (foreign.has(key)) return [key, inner];
      return [
        key,
        moments.has(key) && typeof inner === "number" ? new Date(inner).toISOString() : withDates(inner),
      ];
    }),
  );
}
