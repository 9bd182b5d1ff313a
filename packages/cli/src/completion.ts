import { JackfieldError } from "@jackfield/core";
import type { Command } from "commander";
import { loadDeployment } from "./deployment.ts";

/** Each script hands the words of the line to `jackfield complete` and offers what it prints. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_jackfield() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(jackfield complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _jackfield jackfield`,
  zsh: `#compdef jackfield
_jackfield() {
  local -a candidates
  candidates=("\${(@f)$(jackfield complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$candidates" ]] && compadd -a candidates || _files
}
compdef _jackfield jackfield`,
  fish: `complete -c jackfield -a '(jackfield complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'`,
};

/** @throws JackfieldError `USAGE` for a shell that we have no script for */
export function completionScript(shell: string): string {
  const script = scripts[shell];
  if (script) return script;
  throw new JackfieldError(
    "USAGE",
    `no completion for "${shell}": there is one for ${Object.keys(scripts).join(", ")}`,
  );
}

/**
 * What can stand where the cursor is.
 *
 * @param words the words behind `jackfield`, the last one being typed
 */
export async function completions(program: Command, words: readonly string[]): Promise<string[]> {
  const typed = words.at(-1) ?? "";
  let command = program;
  const rest: string[] = [];
  for (const word of words.slice(0, -1)) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next) command = next;
    else rest.push(word);
  }
  const candidates = typed.startsWith("-")
    ? command.options.flatMap(({ long, short }) => [long, short]).filter((name) => name !== undefined)
    : command.commands.length > 0
      ? visibleNames(command)
      : await argumentCandidates(command, rest);
  return candidates.filter((candidate) => candidate.startsWith(typed));
}

function visibleNames(command: Command): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((candidate) => candidate.name());
}

async function argumentCandidates(command: Command, rest: readonly string[]): Promise<string[]> {
  const takesChannel = command.name() === "doctor" || (command.name() === "send" && rest.length === 0);
  if (command.name() === "completion") return Object.keys(scripts);
  if (!takesChannel) return [];
  const at = rest.findIndex((word) => word === "-c" || word === "--config");
  const config = at < 0 ? undefined : rest[at + 1];
  const { deployment } = await loadDeployment(config === undefined ? {} : { config });
  return deployment.channels.map(({ id }) => id);
}
