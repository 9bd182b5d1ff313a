// The long run, by hand: node --conditions=@jackfield/source test/faults/kill.ts --minutes 5 --seed 1
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";
import { formatReport } from "./format-report.ts";
import { killPoints } from "./kill-points.ts";
import { runSweep } from "./sweep.ts";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "5" }, seed: { type: "string", default: "1" } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
const onLine = (line: string) => console.error(line);

const end = performance.now() + minutes * 60_000;
const sweep = await runSweep({ seed, points: killPoints, onLine });
console.log(`${formatReport(`jackfield send, killed at every point in turn, seed ${seed}`, sweep)}\n`);
const campaign = await runCampaign({ seed, goOn: () => performance.now() < end, onLine });
console.log(formatReport(`everything, killed at random, seed ${seed}`, campaign));
process.exitCode = sweep.problems.length + campaign.problems.length === 0 ? 0 : 1;
