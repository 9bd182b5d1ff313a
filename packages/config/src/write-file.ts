import { randomUUID } from "node:crypto";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { JackfieldError } from "@jackfield/core";
import { errorCode } from "./read-file.ts";

/**
 * Replaces a file's content so that whoever reads it sees either the old or the new one, also after a crash. A symbolic link
 * stays one; mode and, for root, the owner stay.
 *
 * @throws JackfieldError `CONFIG_NOT_WRITTEN`; the file is then as it was
 */
export async function replaceFile(path: string, content: string): Promise<void> {
  try {
    const target = await realpath(path);
    await writeBeside(target, content);
  } catch (error) {
    throw new JackfieldError(
      "CONFIG_NOT_WRITTEN",
      `${path} was not changed (${errorCode(error)}): this user must be able to write the file's folder`,
      { cause: error },
    );
  }
}

async function writeBeside(target: string, content: string): Promise<void> {
  const { mode, uid, gid } = await stat(target);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await using file = await open(temporary, "wx", 0o600);
    await file.writeFile(content);
    if (process.getuid?.() === 0) await file.chown(uid, gid);
    await file.chmod(mode & 0o7777);
    await file.sync();
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
