/** What every client of the comparison is given: the same request, the same number of connections. */
export interface ClientTarget {
  readonly url: string;
  /** The most connections. */
  readonly connections: number;
  /** The number of sends that are under way at any time. Default: as many as there are connections. */
  readonly underWay?: number;
  /** The text of the message; {@link bodyOf} makes the request's body of it. */
  readonly content: string;
  /** The wait before the first retry; a benchmark retries nothing, a test does not want to wait. */
  readonly retryDelayMs: number;
}

export interface Client {
  /** Sends one request and reads its answer whole; rejects unless the answer is a 2xx. */
  send(): Promise<void>;
  close(): Promise<void>;
}

/** Each file of this folder that is a client exports one, as `createClient`. */
export type CreateClient = (target: ClientTarget) => Promise<Client>;

/** As many retries as Jackfield makes by default. */
export const maxRetries = 3;

/** The statuses of Jackfield's table that are tried again, for those clients that want a list. */
export const retryStatuses = [408, 425, 429, 500, 502, 503, 504];

/** The bytes that Jackfield sends for the content. The others get them ready-made, to their advantage. */
export function bodyOf({ content }: ClientTarget): string {
  return JSON.stringify({ content });
}

/** The headers that Jackfield sends of its own accord. The others send one id for ever, to their advantage. */
export const requestHeaders: Readonly<Record<string, string>> = {
  "user-agent": "jackfield/0.1.0",
  "content-type": "application/json",
  "idempotency-key": "msg_00000000-0000-4000-8000-000000000000",
};

/** @throws Error for anything but a 2xx with a body */
export function assertAnswered(status: number, body: string): void {
  if (status < 200 || status > 299 || body.length === 0) {
    throw new Error(`the server answered ${status} with ${body.length} characters`);
  }
}
