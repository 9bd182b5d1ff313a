const longestExcerpt = 300;

// C0, DEL, C1 and the bidirectional controls: an answer is not to move the reader's cursor or turn the text around.
const unprintable = /[\p{Cc}\p{Bidi_Control}\s]+/gu;

/** Makes pieces of answers fit to be shown: without the given secrets, on one line, and short. */
export function createExcerpt(secrets: readonly string[]): (body: Buffer) => string {
  const hidden = secrets.filter((secret) => secret.length >= 6).sort((a, b) => b.length - a.length);
  return (body) => {
    const text = body.toString("utf8");
    let shown = "";
    // Secrets are looked for in the whole text: the cut must not leave half of one.
    for (let at = 0; at < Math.min(text.length, longestExcerpt); ) {
      const secret = hidden.find((candidate) => text.startsWith(candidate, at));
      shown += secret ? "<redacted>" : text[at];
      at += secret?.length ?? 1;
    }
    const line = shown.toWellFormed().replace(unprintable, " ").trim();
    return text.length > longestExcerpt ? `${line}…` : line;
  };
}
