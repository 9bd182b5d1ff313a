import { mkdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { createWorkspace, opsChannel } from "./command.ts";

const ops = opsChannel("http://127.0.0.1:9/hook");

describe("a mistake in the configuration", () => {
  test.each([
    ["a typo in a key", `${ops}maxRetires = 5`, 'maxRetires: unknown key, did you mean "maxRetries"?'],
    ["a wrong type", `${ops}maxRetries = "5"`, "expected a whole number from 0 to 1000000"],
    ["a missing variable", `${ops}secret = { env = "NOPE" }`, "the environment variable NOPE is not set"],
    ["a prefix for a secret", `${ops}secret = "whsec_"`, 'echo "whsec_$(openssl rand -base64 32)"'],
    ["a short secret", `${ops}secret = "whsec_YWJj"`, 'has 3 bytes after "whsec_", it takes 24 to 64'],
    ["no TOML", "version = ", "jackfield.toml:1:"],
    ["an unknown store", `${ops}[store]\nurl = "redis://x"`, 'must be "sqlite:" and the path of a file'],
  ])("%s is told with its place, and exits with 2", async (_name, toml, sentence) => {
    await using workspace = await createWorkspace(toml);

    const ended = await workspace.call("send webhook.ops Hello");

    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toMatch(/^\S+jackfield\.toml:\d+:\d+: /);
    expect(ended.err).toContain(sentence);
  });

  test("a file that is not there, or is a folder, is told in one sentence", async () => {
    await using workspace = await createWorkspace();

    expect(await workspace.jackfield("run")).toEqual({
      code: 2,
      out: "",
      err: "jackfield.toml: does not exist: `jackfield config init` writes one, `-c FILE` or JACKFIELD_CONFIG names another\n",
    });
    expect((await workspace.jackfield("run -c .")).err).toBe(
      ".: is a directory: name the file in it, with -c FILE\n",
    );
  });

  test.each([
    ["sqlite:./jackfield.toml", "is not a SQLite database: name another file"],
    ["sqlite:./folder", "cannot be opened: check that its folder exists and may be written to"],
    ["sqlite:./no/such/folder/x.db", "cannot be opened: check that its folder exists and may be written to"],
  ])("the store %s accepts nothing, and exits with 1", async (url, sentence) => {
    await using workspace = await createWorkspace(`${ops}[store]\nurl = "${url}"\n`);
    await mkdir(`${workspace.folder}/folder`);

    const sent = await workspace.call("send webhook.ops Hello");

    expect(sent).toMatchObject({ code: 1, out: "" });
    expect(sent.err).toMatch(/^the store [^\n]+\n$/);
    expect(sent.err).toContain(sentence);
  });
});

describe("a mistake on the command line", () => {
  test.each([
    ["snd webhook.ops", "(Did you mean send?)"],
    ["deliveries lst", "(Did you mean list?)"],
    ["send webhook.ops x --wiat", "(Did you mean --wait?)"],
    ["store prune", '("jackfield store prune --help" lists what there is)'],
    ["listen --respond 700", '"700" is not a whole number from 200 to 599'],
    ["listen --secret whsec_", "--secret is nothing but its prefix"],
    ["config get channels.webhook.ops.maxRetris", 'did you mean "channels.webhook.ops.maxRetries"?'],
    ["config schema chanels", 'did you mean "channels"?'],
    ["config init -c /no/such/file.toml --url nope", "--url must be an absolute URL"],
    [
      "config init -c /no/such/file.toml --url https://example.com --alias 2x",
      "--alias must begin with a letter",
    ],
    ["completion tcsh", "there is one for bash, zsh, fish"],
  ])("jackfield %s exits with 2 and says: %s", async (line, sentence) => {
    await using workspace = await createWorkspace(ops);

    const ended = await workspace.call(line);

    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(sentence);
    expect(ended.err).not.toMatch(/^\s+at /m);
  });

  test("config init writes what config check calls right, and overwrites nothing", async () => {
    await using workspace = await createWorkspace();

    const written = await workspace.call("config init --url https://example.com/hook --alias night-shift");
    const checked = await workspace.call("config check");
    const again = await workspace.call("config init");
    const nowhere = await workspace.call("config init --url https://example.com -c /no/such/folder.toml");

    expect(written.err).toContain('jackfield send webhook.night-shift "Hello"');
    expect(checked).toMatchObject({
      code: 0,
      out: expect.stringMatching(/jackfield\.toml is right: 1 channel\n$/),
    });
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("--force overwrites it") });
    expect(nowhere).toMatchObject({ code: 1, err: expect.stringContaining("could not be written (ENOENT)") });
  });
});
