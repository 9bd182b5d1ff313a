import { dirname } from "node:path";
import { type LoadedConfig, secretValuesOf } from "@jackfield/config";
import { suspensionsIn } from "@jackfield/core";
import { createLog, type Gateway, type GatewayEvent, logEvent, openGateway } from "@jackfield/gateway";
import type { Logger } from "pino";
import { type ConfigOption, loadDeployment } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptSignal } from "../interrupt.ts";
import { openConfiguredStore } from "../store.ts";
import type { Terminal } from "../terminal.ts";
import { watchFiles } from "../watch-files.ts";
import { runUntilIdle, whatWaits } from "./run-until-idle.ts";

interface RunVerbOptions extends ConfigOption {
  readonly untilIdle?: boolean;
  readonly watch?: boolean;
}

/** Runs the deployment until it is told to end: HTTP server, listeners, agent, dispatcher. */
export async function runRun(terminal: Terminal, options: RunVerbOptions): Promise<number> {
  if (options.untilIdle) return runUntilIdle(terminal, options);
  const loaded = await loadDeployment(options);
  const { gateway: settings } = loaded.deployment;
  const log = createLog({
    level: settings.logLevel,
    pretty: process.stderr.isTTY ? { colours: process.stderr.hasColors() } : false,
    secrets: secretValuesOf(loaded),
    write: (text) => void process.stderr.write(text),
  });
  const onEvent = (event: GatewayEvent) => logEvent(log, event, { contents: settings.logContents });
  const store = await openConfiguredStore(loaded);
  try {
    const directory = dirname(loaded.absolutePath);
    const gateway = await openGateway({ deployment: loaded.deployment, directory, store, onEvent });
    using signal = interruptSignal();
    for (const { channel, text } of await suspensionsIn(store.outbox)) log.error({ channel }, text);
    using _reloading = reloadOnDemand({ gateway, log, options, loaded });
    await gateway.run(signal);
    for (const line of await whatWaits(store.outbox)) log.warn(line);
    return exitCodes.done;
  } finally {
    await store.close();
  }
}

interface Reloading {
  readonly gateway: Gateway;
  readonly log: Logger;
  readonly options: RunVerbOptions;
  readonly loaded: LoadedConfig;
}

/** Reloads on SIGHUP and, with `--watch`, when the configuration or the agent's file changes. */
function reloadOnDemand({ gateway, log, options, loaded }: Reloading): Disposable {
  let last = Promise.resolve();
  const reload = () => {
    last = last.then(async () => {
      try {
        await gateway.reload((await loadDeployment(options)).deployment);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log.error({ type: "reload_failed" }, `not reloaded, nothing has changed: ${message}`);
      }
    });
  };
  process.on("SIGHUP", reload);
  const { agent } = loaded.deployment;
  const files = [loaded.absolutePath, ...(agent?.module === undefined ? [] : [agent.module])];
  const stopWatching = options.watch
    ? watchFiles(dirname(loaded.absolutePath), files, reload)
    : () => undefined;
  return {
    [Symbol.dispose]() {
      process.off("SIGHUP", reload);
      stopWatching();
    },
  };
}
