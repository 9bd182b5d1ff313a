import { parseRetryAfter } from "../retry/parse-retry-after.ts";
import { classifyStatus, isAmbiguousStatus } from "./classification.ts";
import { DeliveryError } from "./delivery-error.ts";

/** An HTTP answer, as far as a failure is concerned. */
export interface FailedResponse {
  readonly status: number;
  /** The value of the `Retry-After` header; an array where it came more than once. */
  readonly retryAfter?: string | readonly string[] | undefined;
  /** A piece of the body, fit to be shown. */
  readonly excerpt?: string;
}

/**
 * The failure that an HTTP answer stands for. `Retry-After` counts on 429 and 503 only (RFC 9110 section 10.2.3, RFC 6585
 * section 4).
 *
 * @param request names the request in the error's message, without its query string: `POST https://example.com`
 * @param now milliseconds since the epoch, against which an HTTP-date is read
 */
export function responseFailure(request: string, response: FailedResponse, now: number): DeliveryError {
  const { status, excerpt } = response;
  const kind = classifyStatus(status);
  if (kind === "delivered") throw new TypeError(`status ${status} is not a failure`);
  const retryAfterMs =
    status === 429 || status === 503 ? parseRetryAfter(response.retryAfter, now) : undefined;
  return new DeliveryError(`${request} answered ${status}${excerpt ? `: ${excerpt}` : ""}`, {
    kind,
    status,
    ambiguous: isAmbiguousStatus(status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
