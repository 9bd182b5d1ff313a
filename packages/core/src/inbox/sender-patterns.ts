/**
 * Who may speak. A pattern is a name, in which `*` stands for any characters, none included; everything else is literal, and case counts:
 * names of platforms are compared as they are.
 *
 * @param patterns undefined admits everybody, an empty list nobody
 */
export function createSenderPatterns(patterns: readonly string[] | undefined): (sender: string) => boolean {
  if (patterns === undefined) return () => true;
  const names = new Set(patterns.filter((pattern) => !pattern.includes("*")));
  const wildcards = patterns.filter((pattern) => pattern.includes("*")).map((pattern) => pattern.split("*"));
  return (sender) => names.has(sender) || wildcards.some((parts) => matches(parts, sender));
}

/** By the parts between the stars, leftmost first: a regular expression could be made to backtrack for ever. */
function matches(parts: readonly string[], text: string): boolean {
  const [first = "", ...rest] = parts;
  const last = rest.pop() ?? "";
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
