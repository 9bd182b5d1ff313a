import { type buildConnector, errors } from "undici";

/**
 * A connector whose wait is over after `timeoutMs`, to the millisecond. undici's own connect timeout is looked at each half
 * second only; it stays in place behind this one, and is what gets rid of the socket.
 */
export function createPunctualConnector(
  connect: buildConnector.connector,
  timeoutMs: number,
): buildConnector.connector {
  return (target, callback) => {
    let isOver = false;
    // The timer does not keep the process alive; the socket that is being connected does.
    const timer = setTimeout(() => {
      isOver = true;
      callback(new errors.ConnectTimeoutError(`no connection within ${timeoutMs} ms`), null);
    }, timeoutMs).unref();
    connect(target, (...outcome) => {
      clearTimeout(timer);
      if (isOver) outcome[1]?.destroy();
      else callback(...outcome);
    });
  };
}
