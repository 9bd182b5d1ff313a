import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError, type ProblemCode } from "./problems.ts";

/** Reads the bytes of a file; rejects as `node:fs` does. */
export type ReadFile = (absolutePath: string) => Promise<Uint8Array>;

export const readFromDisk: ReadFile = (absolutePath) => readFile(absolutePath);

/** A configuration file as it was read. */
export interface ConfigFile {
  /** As it was named, for people. */
  readonly path: string;
  readonly absolutePath: string;
  /** Without the byte-order mark, so that positions are those of an editor. */
  readonly text: string;
  readonly hasByteOrderMark: boolean;
}

const byteOrderMark = "\ufeff";

/** @throws ConfigError when there is no such file, or when it is no text in UTF-8 */
export async function readConfigFile(
  path: string,
  {
    cwd = process.cwd(),
    readFile = readFromDisk,
  }: { readonly cwd?: string; readonly readFile?: ReadFile } = {},
): Promise<ConfigFile> {
  const absolutePath = resolve(cwd, path);
  const bytes = await readFile(absolutePath).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const text = decode(path, bytes);
  const hasByteOrderMark = text.startsWith(byteOrderMark);
  return { path, absolutePath, text: hasByteOrderMark ? text.slice(1) : text, hasByteOrderMark };
}

function unreadable(path: string, error: unknown): ConfigError {
  const code = errorCode(error);
  if (code === "ENOENT") {
    return fileProblem(
      path,
      "file_missing",
      "does not exist: `jackfield config init` writes one, `-c FILE` or JACKFIELD_CONFIG names another",
      error,
    );
  }
  if (code === "EISDIR") {
    return fileProblem(path, "file_is_directory", "is a directory: name the file in it, with -c FILE", error);
  }
  if (code === "EACCES" || code === "EPERM") {
    return fileProblem(
      path,
      "file_unreadable",
      "must not be read by this user: change its permissions",
      error,
    );
  }
  return fileProblem(path, "file_unreadable", `cannot be read (${code})`, error);
}

/** The system's short name of an error, such as `ENOENT`. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function decode(path: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw fileProblem(path, "file_not_utf8", "is UTF-16 (its byte-order mark says so): save it as UTF-8");
  }
  if (isUtf8(bytes)) return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const offset = firstInvalidByte(bytes);
  const line = bytes.subarray(0, offset).reduce((count, byte) => count + (byte === 0x0a ? 1 : 0), 1);
  throw fileProblem(
    path,
    "file_not_utf8",
    `is not UTF-8: the first byte that does not fit is at offset ${offset}, in line ${line}; save it as UTF-8`,
  );
}

/** Where the first character begins that is none; only for bytes that are not UTF-8. */
function firstInvalidByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    try {
      if (decoder.decode(bytes.subarray(i, i + 1), { stream: true }) !== "") start = i + 1;
    } catch (error) {
      if (error instanceof TypeError) return start;
      throw error;
    }
  }
  return start;
}

function fileProblem(path: string, code: ProblemCode, message: string, cause?: unknown): ConfigError {
  return new ConfigError([{ code, path: "", message, file: path }], cause === undefined ? {} : { cause });
}
