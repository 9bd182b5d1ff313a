// `npm start`: a receiver that fails twice before it works, and one message that reaches it all the same.
// Both are the real command, as a newcomer would type it in two terminals.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../packages/cli/src/bin.ts", import.meta.url));
const configuration = fileURLToPath(new URL("jackfield.toml", import.meta.url));
const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;

function jackfield(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  console.log(`$ jackfield ${args.join(" ")}`);
  return spawn(process.execPath, ["--conditions=@jackfield/source", command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DEMO_SECRET: secret, ...env },
  });
}

/** Prints what a process says, its name in front of each line, and shows each line to `onLine`. */
function narrate(child: ChildProcess, name: string, onLine: (line: string) => void = () => undefined): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      console.log(`${name.padEnd(8)} | ${line}`);
      onLine(line);
    });
  }
}

const listening = Promise.withResolvers<string>();
const receiver = jackfield(["listen", "--port", "0", "--respond", "503,500,200", "--retry-after", "1"], {
  JACKFIELD_LISTEN_SECRET: secret,
});
receiver.once("exit", () => listening.reject(new Error("the receiver did not start")));
narrate(receiver, "receiver", (line) => {
  const url = /http:\/\/\S+/.exec(line)?.[0];
  if (url) listening.resolve(url.replace("127.0.0.1", "localhost"));
});

/** Runs one command to its end. The receiver took whichever port was free; an environment variable overrides the file. */
async function run(args: readonly string[]): Promise<number> {
  const child = jackfield([...args, "-c", configuration], {
    JACKFIELD_CHANNELS__WEBHOOK__DEMO__SEND_URL: sendUrl,
  });
  narrate(child, "sender");
  const [exitCode] = await once(child, "close");
  return exitCode ?? 1;
}

const sendUrl = `${await listening.promise}hook`;
// The message is on disk before the first attempt. Whatever is left of an earlier start is finished here, too.
const sent = await run(["send", "webhook.demo", "Hello from Jackfield"]);
const ran = await run(["run", "--until-idle"]);
receiver.kill();
process.exitCode = Math.max(sent, ran);
