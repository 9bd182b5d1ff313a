import { redirect, retryAfter, status } from "../receiver/answers.ts";
import { resetBeforeHeaders } from "../receiver/broken.ts";
import { closedPort } from "../receiver/closed-port.ts";
import type { Behaviour, ReceivedRequest } from "../receiver/exchange.ts";
import { createReceiver } from "../receiver/receiver.ts";
import { silence } from "../receiver/slow.ts";
import type { FaultDetails, FaultName } from "./faults.ts";
import type { Remote } from "./subject.ts";

const faults = {
  unauthorized: { status: 401 },
  forbidden: { status: 403 },
  notFound: { status: 404 },
  redirected: { status: 302 },
  rateLimited: { status: 429, retryAfterMs: 7_000 },
  serverError: { status: 500 },
  reset: {},
  silence: {},
  refused: {},
} as const satisfies Record<FaultName, FaultDetails>;

/**
 * Another side that speaks HTTP, for {@link describeChannelContract}: a receiver on 127.0.0.1, with every fault there is.
 * A failing answer repeats in its body what it was sent, as some servers do.
 *
 * @param configFor the configuration of a channel that sends to `url`; a path or a query may be appended to it. Let the
 * channel's own timeout be a few hundred milliseconds: silence is waited out more than once.
 */
export function httpRemote<Config>(configFor: (url: string) => Config): Remote<Config> {
  return {
    faults,
    async start(fault) {
      if (fault === "refused") {
        const port = await closedPort();
        return { config: configFor(port.url), received: () => [], close: port.close };
      }
      const [first, then] = behavioursOf(fault);
      const receiver = await createReceiver({ script: first ? [first] : [], afterScript: then });
      return {
        config: configFor(receiver.url),
        received: () => receiver.requests.map(textOf),
        close: receiver.close,
      };
    },
  };
}

/** What the first request gets, where it is something of its own, and what every other one gets. */
function behavioursOf(fault: Exclude<FaultName, "refused"> | undefined): [Behaviour | undefined, Behaviour] {
  switch (fault) {
    case undefined:
      return [undefined, status(200)];
    case "redirected":
      // Whoever follows is welcome there, and thereby found out.
      return [redirect(302, "/elsewhere"), status(200)];
    case "rateLimited":
      return [undefined, retryAfter(429, 7)];
    case "reset":
      return [undefined, resetBeforeHeaders()];
    case "silence":
      return [undefined, silence()];
    default:
      return [undefined, echo(faults[fault].status)];
  }
}

function echo(code: number): Behaviour {
  return (exchange) => status(code, { body: textOf(exchange.request) })(exchange);
}

/** The request as text. What says least about it comes last, as a piece of an answer is all that is ever shown. */
function textOf({ method, path, headers, body }: ReceivedRequest): string {
  const usual = /^(host|connection|content-.*|transfer-encoding|user-agent|accept.*)$/;
  const fields = Object.entries(headers).toSorted(
    ([a], [b]) => Number(usual.test(a)) - Number(usual.test(b)),
  );
  return [`${method} ${path}`, ...fields.map((field) => field.join(": ")), "", body.toString("utf8")].join(
    "\n",
  );
}
