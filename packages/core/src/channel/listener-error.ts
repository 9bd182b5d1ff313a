import { isJackfieldError, JackfieldError } from "../error.ts";

/**
 * A listener cannot work, and starting it again would change nothing: a credential is missing or refused, a port is taken. It is parked until
 * somebody has mended that.
 */
export class ListenerError extends JackfieldError {
  override readonly name = "ListenerError";

  constructor(message: string, options?: { cause?: unknown }) {
    super("LISTENER_PARKED", message, options);
  }
}

/** Whether a value is a ListenerError, whichever copy of the package made it. */
export function isListenerError(value: unknown): value is ListenerError {
  return isJackfieldError(value) && value.code === "LISTENER_PARKED";
}
