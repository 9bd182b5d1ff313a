/** Paths of the gateway itself. */
const reserved = ["/api", "/health", "/ready", "/metrics", "/.well-known"];

/** Why requests cannot come in at a path; undefined where they can. */
export function listenPathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return 'must begin with "/"';
  if (!/^(?:\/[\w.~-]+)+$/.test(path)) {
    return "must be names with / between them, of letters, digits, _, -, . and ~, without a query";
  }
  // Whoever sends a request resolves these first: it would never come in.
  if (/\/\.\.?(?:\/|$)/.test(path))
    return 'must not have "." or ".." between its /: no request comes with them';
  const taken = reserved.find((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  return taken === undefined ? undefined : `is a path of the gateway itself (${taken}): choose another`;
}
