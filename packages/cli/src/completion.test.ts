import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { completionScript, completions } from "./completion.ts";
import { createProgram } from "./program.ts";

const silent = {
  out: () => undefined,
  err: () => undefined,
  style: (_format: string, text: string) => text,
  styleOut: (_format: string, text: string) => text,
};
const program = createProgram(silent, () => undefined);

test("the verbs are offered, and those of a verb; what is hidden is not", async () => {
  expect(await completions(program, ["s"])).toEqual(["send", "store"]);
  expect(await completions(program, ["deliveries", "re"])).toEqual(["redeliver", "resume"]);
  expect(await completions(program, ["comple"])).toEqual(["completion"]);
});

test("the options of a verb are offered behind a dash", async () => {
  expect(await completions(program, ["send", "webhook.ops", "--wa"])).toEqual(["--wait"]);
});

test("the shells are offered, and another one is refused with those that there are", async () => {
  expect(await completions(program, ["completion", ""])).toEqual(["bash", "zsh", "fish"]);
  expect(() => completionScript("tcsh")).toThrow("there is one for bash, zsh, fish");
});

test("bash completes with the script that is printed", () => {
  const script = `
    jackfield() { [ "$1 $2" = "complete --" ] && printf 'send\\nstore\\nstats\\n'; }
    ${completionScript("bash")}
    COMP_WORDS=(jackfield s) COMP_CWORD=1
    _jackfield
    printf '%s,' "\${COMPREPLY[@]}"`;
  expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe("send,store,stats,");
});
