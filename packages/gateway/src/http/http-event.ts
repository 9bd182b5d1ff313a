/** What the HTTP server tells whoever watches it. */
export type HttpEvent =
  /** A channel threw while it handled a request, which was answered with 503. */
  | { readonly type: "handle_failed"; readonly channel: string; readonly error: unknown }
  /** A request of the API failed in a way that was not its fault. */
  | { readonly type: "api_failed"; readonly path: string; readonly error: unknown };
