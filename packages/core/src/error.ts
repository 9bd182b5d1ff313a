const brand = Symbol.for("jackfield.error");

/**
 * The base of every error that Jackfield raises on purpose.
 *
 * `code` is stable and meant for programs; `message` is meant for people and says what to do next;
 * `cause` keeps the foreign error. Use {@link isJackfieldError} rather than `instanceof`: a deployment may hold
 * two copies of this package (a plugin brings its own), and both must recognise each other's errors.
 */
export class JackfieldError extends Error {
  override readonly name: string = "JackfieldError";
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an error of ours, whichever copy of the package made it. */
export function isJackfieldError(value: unknown): value is JackfieldError {
  return value instanceof Error && brand in value;
}
