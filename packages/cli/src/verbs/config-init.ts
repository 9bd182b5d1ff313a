import { access, writeFile } from "node:fs/promises";
import { initConfig } from "@jackfield/config";
import { JackfieldError } from "@jackfield/core";
import { webhook } from "@jackfield/webhook";
import { type ConfigOption, configPath } from "../deployment.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

interface InitOptions extends ConfigOption {
  readonly url?: string;
  readonly alias?: string;
  readonly force?: boolean;
}

interface Answers {
  readonly url: string;
  readonly alias: string;
  readonly isSigned: boolean;
}

const defaultUrl = "http://localhost:8788/hook";

/** Keys that are worth showing to somebody who begins. */
const suggestions = ["format", "timeoutMs", "maxRetries", "retryBaseDelayMs", "retryMaxDelayMs", "ordering"];

/** Writes a first configuration, after a few questions where somebody is there to answer them. */
export async function runConfigInit(terminal: Terminal, options: InitOptions): Promise<number> {
  const path = configPath(options);
  if (!options.force && (await exists(path))) {
    throw new JackfieldError(
      "USAGE",
      `${path} is there already: --force overwrites it, -c names another file`,
    );
  }
  const isAsking = process.stdin.isTTY === true && process.stdout.isTTY === true && options.url === undefined;
  const answers = isAsking ? await ask(options) : defaults(options);
  if (answers === undefined) {
    terminal.err("cancelled: nothing was written");
    return exitCodes.failed;
  }
  await writeFile(path, textOf(answers));
  terminal.err(`wrote ${path}; next:`);
  const secretName = secretVariable(answers.alias);
  if (answers.isSigned) terminal.err(`  export ${secretName}="whsec_$(openssl rand -base64 32)"`);
  if (answers.url === defaultUrl) terminal.err("  jackfield listen --port 8788        # in another terminal");
  terminal.err(`  jackfield send webhook.${answers.alias} "Hello"`);
  return exitCodes.done;
}

function defaults({ url = defaultUrl, alias = "ops" }: InitOptions): Answers {
  return { url, alias, isSigned: false };
}

async function ask({ alias = "ops" }: InitOptions): Promise<Answers | undefined> {
  // Only somebody who is asked waits for the questions.
  const { cancel, confirm, group, text } = await import("@clack/prompts");
  let isCancelled = false;
  const answers = await group(
    {
      url: () =>
        text({
          message: "Where shall messages be sent?",
          initialValue: defaultUrl,
          validate: (value) =>
            webhook.config.shape.sendUrl.safeParse(value).success ? undefined : "An http or https URL.",
        }),
      alias: () =>
        text({
          message: "What shall the channel be called?",
          initialValue: alias,
          validate: (value) =>
            /^[A-Za-z][\w-]{0,62}$/.test(value ?? "") ? undefined : "Letters, digits, - and _.",
        }),
      isSigned: () =>
        confirm({ message: "Shall requests be signed (Standard Webhooks)?", initialValue: true }),
    },
    {
      onCancel: () => {
        isCancelled = true;
        cancel("Nothing was written.");
      },
    },
  );
  return isCancelled ? undefined : answers;
}

function textOf({ url, alias, isSigned }: Answers): string {
  const host = new URL(url).hostname;
  return initConfig({
    type: webhook,
    alias,
    values: {
      sendUrl: url,
      ...(host === "localhost" || host === "127.0.0.1" ? { allowHosts: [host] } : {}),
      ...(isSigned ? { secret: { env: secretVariable(alias) } } : {}),
    },
    suggestions,
  });
}

function secretVariable(alias: string): string {
  return `${alias.replace(/-/g, "_").toUpperCase()}_SECRET`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
