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
const receiver = jackfield(["listen", "--port", "0", "--respond", "503,500,200", "--retry-after", "1", "--count", "3"], {
  JACKFIELD_LISTEN_SECRET: secret,
});
receiver.once("exit", () => listening.reject(new Error("the receiver did not start")));
narrate(receiver, "receiver", (line) => {
  const url = /http:\/\/\S+/.exec(line)?.[0];
  if (url) listening.resolve(url.replace("127.0.0.1", "localhost"));
});

const sendUrl = `${await listening.promise}hook`;
const sender = jackfield(["send", "webhook.demo", "Hello from Jackfield", "-c", configuration], {
  // The receiver took whichever port was free; an environment variable overrides the file.
  JACKFIELD_CHANNELS__WEBHOOK__DEMO__SEND_URL: sendUrl,
});
narrate(sender, "sender");

const [exitCode] = await once(sender, "close");
if (exitCode === 0) await once(receiver, "close");
else receiver.kill();
process.exitCode = exitCode;
