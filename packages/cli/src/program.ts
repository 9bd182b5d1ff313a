import { version } from "@jackfield/core";
import { Command, InvalidArgumentError, Option } from "commander";
import { parseLength, parseMoment } from "./since.ts";
import type { Terminal } from "./terminal.ts";

const configOption = () =>
  new Option("-c, --config <file>", "the configuration (default: $JACKFIELD_CONFIG, else ./jackfield.toml)");
const jsonOption = () => new Option("--json", "print data as JSON");

/** Told of the exit code of the verb that ran; one that ends well by itself doesn't say so. */
type End = (exitCode: number) => void;

/**
 * The command line, as data: every verb with its arguments and help. What a verb does is loaded when it is run, so that
 * `jackfield --help` doesn't wait for an HTTP client.
 */
export function createProgram(terminal: Terminal, end: End): Command {
  const program = new Command("jackfield")
    .description("The messaging layer of an agent deployment: channels declared in one TOML file.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .addHelpText(
      "after",
      `
Begin here:
  $ jackfield config init                     write a jackfield.toml, asking a few questions
  $ jackfield listen --respond 503,200        a receiver to try it against, in another terminal
  $ jackfield send webhook.ops "Hello"        send a message and see each attempt

Data goes to stdout, everything else to stderr.
Exit status: 0 done, 1 it failed, 2 the command line or the configuration is wrong.`,
    );

  program
    .command("send")
    .description(
      "Accept a message into the store and send it: it is delivered, or waits where a person can see why.",
    )
    .argument("<channel>", 'the channel\'s id, such as "webhook.ops"')
    .argument("[text]", 'the message; "-" reads it from stdin', "-")
    .option("--to <recipient>", "who shall get it, in the words of the channel")
    .option("--thread <thread>", "the conversation that it belongs to")
    .option("--subject <subject>", "its subject")
    .option("--data <json>", "structured content, as JSON", parseJson)
    .option("--idempotency-key <key>", "the same key means the same message; default: the message's id")
    .option("--wait", "follow the delivery to its end, with the attempts as they happen")
    .option("--direct", "send now, from memory; nothing is kept, and the retries end with this process")
    .addOption(jsonOption())
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Examples:
  $ jackfield send webhook.ops "The build is green."
  $ git log -1 --format=%s | jackfield send webhook.ops -
  $ jackfield send webhook.ops "Disk is full" --idempotency-key disk-full-2026-11 --json`,
    )
    .action(async (channel: string, text: string, options) => {
      const { runSend } = await import("./verbs/send.ts");
      end(await runSend(terminal, channel, text, options));
    });

  program
    .command("listen")
    .description("Receive messages and print them: an endpoint to develop against.")
    .option("--port <port>", "the port; 0 takes a free one", parsePort, 8788)
    .option("--host <host>", "the address to listen on", "127.0.0.1")
    .addOption(
      new Option(
        "--secret <secret>",
        "verify signatures with this secret and refuse with 401 what is not signed",
      ).env("JACKFIELD_LISTEN_SECRET"),
    )
    .option(
      "--respond <statuses>",
      "the statuses to answer with, in order; the last one stays",
      parseStatuses,
      [200],
    )
    .option("--retry-after <value>", "the Retry-After header of answers with 429 or 503")
    .option("--count <n>", "end after so many requests", parseCount)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `
Examples:
  $ jackfield listen
  $ jackfield listen --port 8788 --respond 503,500,200 --retry-after 1
  $ jackfield listen --secret "$OPS_SECRET" --json`,
    )
    .action(async (options) => {
      const { runListen } = await import("./verbs/listen.ts");
      end(await runListen(terminal, options));
    });

  program
    .command("run")
    .description("Run the deployment until it is told to end: receive, answer, deliver.")
    .option("--watch", "reload when the configuration or the agent's file changes, as SIGHUP does")
    .option("--until-idle", "only deliver what the store holds, and end when nothing is left to do")
    .addOption(configOption())
    .action(async (options) => {
      const { runRun } = await import("./verbs/run.ts");
      end(await runRun(terminal, options));
    });

  program
    .command("chat")
    .description("Talk with the agent in the terminal; nothing of it is kept.")
    .option("--as <sender>", "the name to speak under", "you")
    .addOption(configOption())
    .addHelpText(
      "after",
      `
Examples:
  $ jackfield chat
  $ echo "Hello" | jackfield chat`,
    )
    .action(async (options) => {
      const { runChat } = await import("./verbs/chat.ts");
      end(await runChat(terminal, options));
    });

  addDeliveryVerbs(program, terminal, end);
  addThreadVerbs(program, terminal, end);
  addStoreVerbs(program, terminal);
  addChannelVerbs(program, terminal, end);
  addConfigVerbs(program, terminal, end);

  program
    .command("completion")
    .description("Print a script that completes jackfield's verbs, options and channels in your shell.")
    .argument("<shell>", "bash, zsh or fish")
    .addHelpText(
      "after",
      `
Examples:
  $ source <(jackfield completion bash)                                  # in ~/.bashrc
  $ source <(jackfield completion zsh)                                   # in ~/.zshrc
  $ jackfield completion fish > ~/.config/fish/completions/jackfield.fish`,
    )
    .action(async (shell: string) => {
      const { completionScript } = await import("./completion.ts");
      terminal.out(completionScript(shell));
    });
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action(async (words: string[]) => {
      const { completions } = await import("./completion.ts");
      for (const candidate of await completions(program, words)) terminal.out(candidate);
    });
  pointToOwnHelp(program, "jackfield");
  return program;
}

/** After a slip in the options of a verb, the help of that verb is the one that helps. */
function pointToOwnHelp(command: Command, name: string): void {
  command.showHelpAfterError(`("${name} --help" lists what there is)`);
  for (const verb of command.commands) pointToOwnHelp(verb, `${name} ${verb.name()}`);
}

const filterOptions = (command: Command) =>
  command
    .option("--channel <channel>", "of this channel only")
    .option("--state <states>", "in these states only, with commas between them")
    .option("--kind <kind>", "whose last failure was of this kind")
    .option("--thread <thread>", "of this thread only")
    .option("--since <moment>", "changed since then: a date, or so long ago (2h, 7d)", parseMoment)
    .option("--until <moment>", "changed before then", parseMoment)
    .addOption(jsonOption())
    .addOption(configOption());

function addDeliveryVerbs(program: Command, terminal: Terminal, end: End): void {
  const deliveries = program
    .command("deliveries")
    .description("See what was accepted, and what became of it; let it go on.");
  filterOptions(deliveries.command("list"))
    .description("List deliveries, the newest first.")
    .option("--limit <n>", "how many", parseCount, 50)
    .option("--after <place>", "go on behind the page before")
    .action(async (options) => {
      const { runDeliveriesList } = await import("./verbs/deliveries.ts");
      await runDeliveriesList(terminal, options);
    });
  deliveries
    .command("show")
    .description(
      "Tell the story of a delivery: what, to where, each attempt and why, what happens next and when.",
    )
    .argument("<id>", "the delivery's id")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (id: string, options) => {
      const { runDeliveriesShow } = await import("./verbs/deliveries.ts");
      end(await runDeliveriesShow(terminal, id, options));
    });
  const commands = [
    ["redeliver", "Send again what has ended: the same delivery with a fresh budget."],
    ["resume", "Let go on what waits for a person: the same delivery, its attempts kept."],
    ["cancel", "End what has not ended and is not under way."],
  ] as const;
  for (const [name, description] of commands) {
    const command = filterOptions(deliveries.command(name))
      .description(description)
      .argument("[ids...]", "deliveries by id");
    if (name === "redeliver")
      command.option("--force", "also what was delivered, is paused, or waits for its turn");
    command.action(async (ids: string[], options) => {
      const { runDeliveriesCommand } = await import("./verbs/deliveries.ts");
      end(await runDeliveriesCommand(terminal, name, ids, options));
    });
  }
}

function addThreadVerbs(program: Command, terminal: Terminal, end: End): void {
  const threads = program
    .command("threads")
    .description("See conversations: what came in, what the agent made of it, what went out.");
  threads
    .command("list")
    .description("List threads, those with the latest activity first.")
    .option("--channel <channel>", "of this channel only")
    .option("--limit <n>", "how many", parseCount, 50)
    .option("--after <place>", "go on behind the page before")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runThreadsList } = await import("./verbs/threads.ts");
      await runThreadsList(terminal, options);
    });
  threads
    .command("show")
    .description("Tell what happened in a thread, in order.")
    .argument("<thread>", 'the thread\'s id, such as "webhook.ops/incident-7"')
    .option("--limit <n>", "how many entries", parseCount, 200)
    .option("--after <place>", "go on behind the page before")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (id: string, options) => {
      const { runThreadsShow } = await import("./verbs/threads.ts");
      end(await runThreadsShow(terminal, id, options));
    });
  threads
    .command("resume")
    .description("Give messages another turn: dead or paused ones.")
    .argument("<messages...>", "the messages by id, inb_...")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (ids: string[], options) => {
      const { runThreadsResume } = await import("./verbs/threads.ts");
      end(await runThreadsResume(terminal, ids, options));
    });
  threads
    .command("resolve")
    .description("Mark the conversation of a thread as resolved.")
    .argument("<thread>", "the thread's id")
    .argument("[resolution]", "how it was resolved")
    .addOption(configOption())
    .action(async (id: string, resolution: string | undefined, options) => {
      const { runThreadsResolve } = await import("./verbs/threads.ts");
      end(await runThreadsResolve(terminal, id, resolution, options));
    });
}

function addStoreVerbs(program: Command, terminal: Terminal): void {
  const store = program.command("store").description("See how full the store is, and make room.");
  store
    .command("stats")
    .description("Count what the store holds.")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runStoreStats } = await import("./verbs/store.ts");
      await runStoreStats(terminal, options);
    });
  store
    .command("prune")
    .description("Delete what was delivered long ago, in small pieces; sending goes on beside it.")
    .requiredOption("--delivered-before <age>", "how long ago: 12h, 7d", parseLength)
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runStorePrune } = await import("./verbs/store.ts");
      await runStorePrune(terminal, options);
    });
}

function addChannelVerbs(program: Command, terminal: Terminal, end: End): void {
  const channels = program
    .command("channels")
    .description("See the channel types, the channels, and whether they work.");
  channels
    .command("types")
    .description("List the channel types that can be configured, with what each can do.")
    .addOption(jsonOption())
    .action(async (options) => {
      const { runChannelTypes } = await import("./verbs/channels.ts");
      runChannelTypes(terminal, options);
    });
  channels
    .command("list")
    .description("List the configured channels.")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runChannelList } = await import("./verbs/channels.ts");
      await runChannelList(terminal, options);
    });
  channels
    .command("doctor")
    .description(
      "Ask each channel's other side whether it can be reached and would accept us; sends no message.",
    )
    .argument("[channels...]", "the channels' ids; default: all")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (ids: string[], options) => {
      const { runChannelDoctor } = await import("./verbs/channels.ts");
      end(await runChannelDoctor(terminal, ids, options));
    });
}

function addConfigVerbs(program: Command, terminal: Terminal, end: End): void {
  const config = program
    .command("config")
    .description("Check, explain, export and change the configuration.");
  config
    .command("check")
    .description("Report every problem of the configuration, with its place and the likely fix.")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runConfigCheck } = await import("./verbs/config.ts");
      end(await runConfigCheck(terminal, options));
    });
  config
    .command("show")
    .description("Print the effective configuration with its defaults; secrets as <set>.")
    .option("--origin", "say of each value where it comes from")
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (options) => {
      const { runConfigShow } = await import("./verbs/config.ts");
      await runConfigShow(terminal, options);
    });
  config
    .command("schema")
    .description("Print the JSON Schema of the configuration, or of one part of it, for your editor.")
    .argument("[path]", 'a part of it, such as "channels.webhook"')
    .addHelpText(
      "after",
      `
Example:
  $ jackfield config schema > jackfield.schema.json

With "#:schema ./jackfield.schema.json" as the first line of the TOML file, an editor with Taplo or
Even Better TOML completes and checks it.`,
    )
    .action(async (path: string | undefined) => {
      const { runConfigSchema } = await import("./verbs/config.ts");
      runConfigSchema(terminal, path);
    });
  config
    .command("get")
    .description("Print one effective value.")
    .argument("<path>", 'such as "channels.webhook.ops.maxRetries"')
    .addOption(jsonOption())
    .addOption(configOption())
    .action(async (path: string, options) => {
      const { runConfigGet } = await import("./verbs/config.ts");
      end(await runConfigGet(terminal, path, options));
    });
  config
    .command("set")
    .description("Change one value in the file, if the result is valid; comments and layout stay.")
    .argument("<path>", 'such as "channels.webhook.ops.maxRetries"')
    .argument("<value>", "the value; a secret also as '{ env = \"NAME\" }'")
    .addOption(configOption())
    .action(async (path: string, value: string, options) => {
      const { runConfigSet } = await import("./verbs/config.ts");
      await runConfigSet(terminal, path, value, options);
    });
  config
    .command("init")
    .description("Write a commented configuration to begin with; asks a few questions on a terminal.")
    .option("--url <url>", "where the first channel sends its messages")
    .option("--alias <alias>", "the name of the first channel")
    .option("--force", "overwrite a file that is there")
    .addOption(configOption())
    .action(async (options) => {
      const { runConfigInit } = await import("./verbs/config-init.ts");
      end(await runConfigInit(terminal, options));
    });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${error instanceof Error ? error.message : error}.`);
  }
}

const parsePort = (text: string): number => wholeNumber(text, 0, 65_535);
const parseCount = (text: string): number => wholeNumber(text, 1, Number.MAX_SAFE_INTEGER);
const parseStatuses = (text: string): number[] =>
  text.split(",").map((part) => wholeNumber(part.trim(), 200, 599));

function wholeNumber(text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new InvalidArgumentError(`"${text}" is not a whole number from ${least} to ${most}.`);
}
