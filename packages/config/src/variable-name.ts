/** A name by POSIX, as people choose them: what mixes both cases with digits is more likely a token. */
export function isVariableName(text: string): boolean {
  const looksLikeToken = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text) && !looksLikeToken;
}
