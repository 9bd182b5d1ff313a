import { watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** How long a file has to be left alone before it counts as changed, in milliseconds: an editor writes more than once. */
const quietMs = 100;

/**
 * Calls back when one of the files has changed. Their folders are watched, because editors put a new file in the place of the old one.
 *
 * @param directory where relative paths begin
 * @returns what ends it
 */
export function watchFiles(directory: string, files: readonly string[], onChange: () => void): () => void {
  const paths = files.map((file) => resolve(directory, file));
  let timer: NodeJS.Timeout | undefined;
  const watchers = [...Map.groupBy(paths, dirname)].map(([folder, inFolder]) => {
    const names = new Set(inFolder.map((path) => basename(path)));
    return watch(folder, { persistent: false }, (_event, name) => {
      if (name !== null && !names.has(name)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, quietMs);
    });
  });
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}
