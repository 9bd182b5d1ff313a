import * as z from "zod";

/**
 * A field that holds a secret: written in TOML as `{ env = "NAME" }`, `{ file = "path" }` or a literal, and never shown by
 * anything. The mark is JSON Schema's own `writeOnly`.
 */
export function secret<Schema extends z.ZodType<string>>(schema: Schema): Schema;
export function secret(): z.ZodString;
export function secret(schema: z.ZodType<string> = z.string().min(1)): z.ZodType<string> {
  return schema.meta({ writeOnly: true });
}

/**
 * A field that holds an absolute http or https URL. Like a secret it may come from the environment or a file, because the
 * path of an incoming webhook is a credential; {@link displayUrl} is the form in which it is shown.
 */
export function httpUrl(): z.ZodURL {
  return z
    .url({ protocol: /^https?$/, error: 'must be an absolute URL that begins with "https://" or "http://"' })
    .meta({ format: "uri" });
}

/** What the marks on a field's schema say about how it is written and shown. */
export function fieldTraits(schema: z.core.$ZodType): { readonly secret: boolean; readonly url: boolean } {
  for (let inner: z.core.$ZodType | undefined = schema; inner; inner = unwrap(inner)) {
    const meta = z.globalRegistry.get(inner);
    if (meta?.writeOnly) return { secret: true, url: false };
    if (meta?.format === "uri") return { secret: false, url: true };
  }
  return { secret: false, url: false };
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  const def: z.core.$ZodTypeDef & { innerType?: z.core.$ZodType; in?: z.core.$ZodType } = schema._zod.def;
  // What is written in TOML goes into a pipe, so its marks are those of the pipe's beginning.
  return def.innerType ?? def.in;
}

/**
 * A URL as it may be shown: no user, no password, no query, no fragment, and no path segment that looks like a credential
 * (16 characters or more, with a digit, a capital or a colon).
 */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return "<not a URL>";
  const { protocol, host, pathname } = new URL(url);
  const path = pathname
    .split("/")
    .map((segment) => (segment.length >= 16 && /[\dA-Z:%]/.test(segment) ? "…" : segment))
    .join("/");
  return `${protocol}//${host}${path === "/" ? "" : path}`;
}
