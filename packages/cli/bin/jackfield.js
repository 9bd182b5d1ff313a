#!/usr/bin/env node
// Written for any Node, so that an old one can be told what it lacks; everything else is loaded behind the check.
import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";

const needed = 24;
const own = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

if (Number(process.versions.node.split(".")[0]) < needed) {
  console.error(
    `jackfield needs Node ${needed} or newer, this is Node ${process.versions.node}: install a newer one from https://nodejs.org`,
  );
  process.exitCode = 1;
} else if (process.argv.length === 3 && (process.argv[2] === "--version" || process.argv[2] === "-V")) {
  console.log(own.version);
} else {
  nodeModule.enableCompileCache();
  const entry = new URL("../dist/bin/bin.js", import.meta.url);
  if (existsSync(entry)) await import(entry.href);
  else {
    console.error('jackfield is not built: run "npm run build" in its checkout first');
    process.exitCode = 1;
  }
}
