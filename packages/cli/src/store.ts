import { dirname, resolve } from "node:path";
import type { LoadedConfig } from "@jackfield/config";
import { JackfieldError, type Store } from "@jackfield/core";

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
