import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The environment variable with a process's number, which its requests carry in the header `x-life`. */
export const lifeVariable = "JACKFIELD_FAULTS_LIFE";
/** The channel of the deployment. */
export const channelId = "webhook.ops";

/** A configuration and a store in a folder of their own. */
export interface FaultDeployment extends Disposable {
  readonly folder: string;
  readonly configFile: string;
  readonly storeFile: string;
}

/**
 * Writes a configuration with one webhook channel, whose requests tell which process sent them.
 *
 * @param fields lines of TOML for the channel
 */
export function createFaultDeployment(sendUrl: string, fields: readonly string[] = []): FaultDeployment {
  const folder = mkdtempSync(join(tmpdir(), "jackfield-faults-"));
  const configFile = join(folder, "jackfield.toml");
  const lines = [
    "version = 1",
    "[store]",
    'url = "sqlite:./jackfield.db"',
    `[channels.${channelId}]`,
    `sendUrl = "${sendUrl}"`,
    "allowPrivateNetwork = true",
    `secret = "whsec_${Buffer.alloc(32, "faults").toString("base64")}"`,
    `headers = { "x-life" = { env = "${lifeVariable}" } }`,
    ...fields,
  ];
  writeFileSync(configFile, `${lines.join("\n")}\n`);
  return {
    folder,
    configFile,
    storeFile: join(folder, "jackfield.db"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
