import { createHash, timingSafeEqual } from "node:crypto";
import { type GatewaySettings, isLoopback } from "@jackfield/config";

/** What a request wants to do. */
export type Wish = "read" | "write";

/** Decides over a request; the answer where it is denied. */
export type Access = (request: Request, wish: Wish) => Response | undefined;

/**
 * Who may use the API: whoever has a token. Where there is none, and only this machine can reach us, every program on it may; pages in a
 * browser may not, whether they come from elsewhere (`Origin`) or have their name point here (`Host`).
 */
export function createAccess(settings: () => GatewaySettings): Access {
  return (request, wish) => {
    const { host, token, readOnlyToken } = settings();
    if (token === undefined && readOnlyToken === undefined) {
      return isLoopback(host) && isFromHere(request) ? undefined : denied(401, "not allowed without a token");
    }
    const given = /^Bearer ([\x21-\x7e]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (given !== undefined && token !== undefined && isSame(given, token)) return undefined;
    if (given === undefined || readOnlyToken === undefined || !isSame(given, readOnlyToken)) {
      return denied(401, "needs a valid bearer token", { "www-authenticate": "Bearer" });
    }
    return wish === "read" ? undefined : denied(403, "this token only reads");
  };
}

function isFromHere(request: Request): boolean {
  const { host, hostname } = new URL(request.url);
  const name = hostname.replace(/^\[|\]$/g, "");
  const origin = request.headers.get("origin");
  const isOwn = origin === null || (URL.canParse(origin) && new URL(origin).host === host);
  return isLoopback(name) && isOwn;
}

/** In a time that tells nothing of the token, nor of its length. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function denied(status: number, message: string, headers: Record<string, string> = {}): Response {
  const code = status === 401 ? "UNAUTHORIZED" : "FORBIDDEN";
  return Response.json({ error: { code, message } }, { status, headers });
}
