import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { buildConnector } from "undici";
import { type AddressGuard, AddressRefusedError } from "./address-guard.ts";

/**
 * What `buildConnector` takes, less what would lead a connection past the guard.
 *
 * `timeout` is the longest wait for a connection, in milliseconds; `ca`, `cert` and `key` are PEM, as in `tls.connect`.
 */
export type GuardedConnectorOptions = Omit<
  ConnectionOptions,
  "host" | "port" | "path" | "socket" | "lookup" | "timeout"
> &
  Pick<buildConnector.BuildOptions, "timeout" | "allowH2" | "maxCachedSessions" | "keepAlive">;

/**
 * The `connect` option of an undici Client, Pool or Agent, under a guard: a refused address fails the request with an
 * {@link AddressRefusedError}, and no socket is opened. TLS still names and verifies the host as the URL has it.
 */
export function createGuardedConnector(
  guard: AddressGuard,
  options: GuardedConnectorOptions = {},
): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guard.lookup });
  return (target, callback) => {
    const refusal = guard.checkHost(target.hostname);
    if (refusal) {
      // Not within this call: undici expects the answer as late as a socket gives it.
      queueMicrotask(() => callback(new AddressRefusedError(refusal), null));
      return;
    }
    connect(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      const problem = peerProblem(guard, socket, target.hostname);
      if (problem === undefined) return callback(null, socket);
      socket.destroy();
      return callback(problem, null);
    });
  };
}

/** The second line of defence: whatever happened on the way, requests only go to an address that the guard admits. */
function peerProblem(guard: AddressGuard, socket: Socket, hostname: string): Error | undefined {
  // A socket that is lost again has no address, and its next use says so better than we could; nor has one that a test
  // answers in the place of the network.
  const refusal =
    socket.remoteAddress === undefined ? undefined : guard.check(socket.remoteAddress, hostname);
  return refusal && new AddressRefusedError(refusal);
}
