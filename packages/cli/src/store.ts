import { dirname, resolve } from "node:path";
import type { LoadedConfig } from "@jackfield/config";
import { JackfieldError, type Store } from "@jackfield/core";
import { type ConfigOption, loadDeployment } from "./deployment.ts";

/** Opens the store that a configuration names, a relative path from the configuration's folder. */
export async function openConfiguredStore({ absolutePath, deployment }: LoadedConfig): Promise<Store> {
  const { url } = deployment.store;
  if (!url.startsWith("sqlite:")) {
    throw new JackfieldError(
      "USAGE",
      `store.url = "${url}" is no store that this version knows: write "sqlite:PATH"`,
    );
  }
  const { openSqliteStore } = await import("@jackfield/store-sqlite");
  return openSqliteStore({ path: resolve(dirname(absolutePath), url.slice("sqlite:".length)) });
}

/** A store with the configuration that names it; closed at the end of its block. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: Store;
  readonly loaded: LoadedConfig;
}

export async function openStoreOf(options: ConfigOption): Promise<OpenedStore> {
  const loaded = await loadDeployment(options);
  const store = await openConfiguredStore(loaded);
  return { store, loaded, [Symbol.asyncDispose]: () => store.close() };
}
