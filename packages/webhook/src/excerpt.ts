const longestExcerpt = 300;
const redacted = "<redacted>";

/** What is shorter is as likely to be an ordinary word of the answer. */
const shortestSecret = 6;
const shortestPiece = 4;

// C0, DEL, C1 and the bidirectional controls: an answer is not to move the reader's cursor or turn the text around.
const unprintable = /[\p{Cc}\p{Bidi_Control}\s]+/gu;

/**
 * A piece of an answer's body that is fit to be shown.
 *
 * @param isWhole whether the body is all there; the end of one that broke off may be the beginning of a secret
 */
export type Excerpt = (body: Buffer, isWhole: boolean) => string;

/** Makes excerpts without the given secrets, on one line, and short. */
export function createExcerpt(secrets: readonly string[]): Excerpt {
  const long = secrets.filter((secret) => secret.length >= shortestSecret);
  const hidden = [...new Set(long.flatMap(spellings))].sort((a, b) => b.length - a.length);
  return (body, isWhole) => {
    let text = body.toString("utf8");
    // Before the text is shortened, which would leave half of one.
    for (const secret of hidden) text = text.replaceAll(secret, redacted);
    if (!isWhole) text = withoutBrokenSecret(text, hidden);
    const line = text.slice(0, longestExcerpt).toWellFormed().replace(unprintable, " ").trim();
    return text.length > longestExcerpt ? `${line}…` : line;
  };
}

const htmlEscapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The ways in which a server that echoes a request commonly writes what it found there. */
function spellings(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    json,
    json.replaceAll("/", "\\/"),
    secret.replace(/[&<>"']/g, (character) => htmlEscapes[character] ?? character),
    encodeURIComponent(secret.toWellFormed()),
    // A header's bytes are Latin-1, and an excerpt is read as UTF-8.
    Buffer.from(secret, "latin1").toString("utf8"),
  ];
}

function withoutBrokenSecret(text: string, hidden: readonly string[]): string {
  const broken = Math.max(0, ...hidden.map((secret) => overlap(text, secret)));
  return broken === 0 ? text : text.slice(0, -broken) + redacted;
}

/** How many characters at the end of the text are the beginning of the secret. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(secret.length - 1, text.length); length >= shortestPiece; length--) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
