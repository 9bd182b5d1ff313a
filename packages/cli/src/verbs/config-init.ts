import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
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
  if (!options.force && existsSync(path)) {
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
  await write(path, textOf(answers));
  terminal.err(`wrote ${path}; next:`);
  const secretName = secretVariable(answers.alias);
  if (answers.isSigned) terminal.err(`  export ${secretName}="whsec_$(openssl rand -base64 32)"`);
  if (answers.url === defaultUrl) terminal.err("  jackfield listen --port 8788        # in another terminal");
  terminal.err(`  jackfield send webhook.${answers.alias} "Hello"`);
  return exitCodes.done;
}

function defaults({ url = defaultUrl, alias = "ops" }: InitOptions): Answers {
  const problem = prefixed("--url", urlProblem(url)) ?? prefixed("--alias", aliasProblem(alias));
  if (problem !== undefined) throw new JackfieldError("USAGE", problem);
  return { url, alias, isSigned: false };
}

async function ask({ alias: suggestedAlias = "ops" }: InitOptions): Promise<Answers | undefined> {
  // Only somebody who is asked waits for the questions.
  const { confirm, isCancel, text } = await import("@clack/prompts");
  const url = await text({
    message: "Where shall messages be sent?",
    initialValue: defaultUrl,
    validate: urlProblem,
  });
  if (isCancel(url)) return undefined;
  const alias = await text({
    message: "What shall the channel be called?",
    initialValue: suggestedAlias,
    validate: aliasProblem,
  });
  if (isCancel(alias)) return undefined;
  const isSigned = await confirm({
    message: "Shall requests be signed (Standard Webhooks)?",
    initialValue: true,
  });
  return isCancel(isSigned) ? undefined : { url, alias, isSigned };
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

function urlProblem(url: string | undefined): string | undefined {
  return webhook.config.shape.sendUrl.safeParse(url).error?.issues[0]?.message;
}

function aliasProblem(alias: string | undefined): string | undefined {
  return /^[A-Za-z][\w-]{0,62}$/.test(alias ?? "")
    ? undefined
    : "must begin with a letter, then letters, digits, _ and -, 63 characters at most";
}

function prefixed(option: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${option} ${problem}`;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new JackfieldError(
      "CONFIG_NOT_WRITTEN",
      `${path} could not be written (${code}): its folder must be there, and this user must be able to write to it`,
      { cause: error },
    );
  }
}
