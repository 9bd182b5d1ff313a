import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

/** The arrows of the design: what each package may import of ours. They point down only. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "@jackfield/core": [],
  "@jackfield/config": ["@jackfield/core"],
  "@jackfield/webhook": ["@jackfield/core"],
  "@jackfield/store-sqlite": ["@jackfield/core"],
  "@jackfield/testkit": ["@jackfield/core"],
  "@jackfield/gateway": ["@jackfield/core", "@jackfield/config", "@jackfield/webhook"],
  jackfield: [
    "@jackfield/core",
    "@jackfield/config",
    "@jackfield/gateway",
    "@jackfield/store-sqlite",
    "@jackfield/webhook",
  ],
};

/** Modules that do input or output; core decides and leaves the acting to others. */
const inputOutput =
  /^(node:)?(fs|net|http|https|http2|tls|dgram|dns|child_process|sqlite|worker_threads)(\/|$)|^undici$/;

interface Package {
  readonly folder: string;
  readonly name: string;
  readonly dependencies: readonly string[];
}

const packages: Package[] = readdirSync(join(root, "packages")).map((folder) => {
  const manifest = JSON.parse(readFileSync(join(root, "packages", folder, "package.json"), "utf8"));
  return {
    folder,
    name: manifest.name,
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  };
});

/** What a package publishes: the files that its entries lead to. Tests and their helpers are not among them. */
function sourceFiles(folder: string): string[] {
  const source = join(root, "packages", folder, "src");
  const found = new Set(
    ["index.ts", "bin.ts"].map((entry) => join(source, entry)).filter((file) => existsSync(file)),
  );
  for (const file of found) {
    for (const specifier of importsOf(file))
      if (specifier.startsWith(".") && specifier.endsWith(".ts")) found.add(join(dirname(file), specifier));
  }
  return [...found];
}

function importsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  const statements = /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...source.matchAll(statements)].map((match) => match[1] ?? match[2] ?? "");
}

/** `@jackfield/core/x` and `zod/v4` belong to `@jackfield/core` and `zod`. */
function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

const isOurs = (name: string) => name === "jackfield" || name.startsWith("@jackfield/");

test("every package of ours has its arrows", () => {
  expect(packages.map(({ name }) => name).sort()).toEqual(Object.keys(arrows).sort());
});

describe.each(packages)("$name", ({ folder, name, dependencies }) => {
  const imports = sourceFiles(folder).flatMap((file) =>
    importsOf(file).map((specifier) => ({ file, specifier })),
  );

  test("imports of our packages only those below it", () => {
    const allowed = arrows[name] ?? [];
    expect(
      imports.filter(({ specifier }) => isOurs(packageOf(specifier)) && !allowed.includes(specifier)),
    ).toEqual([]);
  });

  test("declares what it imports", () => {
    const foreign = imports.filter(
      ({ specifier }) => !specifier.startsWith(".") && !specifier.startsWith("node:"),
    );
    expect(foreign.filter(({ specifier }) => !dependencies.includes(packageOf(specifier)))).toEqual([]);
  });

  test("imports what it declares", () => {
    expect(
      dependencies.filter(
        (dependency) => !imports.some(({ specifier }) => packageOf(specifier) === dependency),
      ),
    ).toEqual([]);
  });

  test("has no file that imports its package's own index", () => {
    const throughIndex = imports.filter(({ specifier }) => /^\.{1,2}\/(.*\/)?index\.ts$/.test(specifier));
    expect(throughIndex).toEqual([]);
  });
});

test("core does no input or output of its own", () => {
  const found = sourceFiles("core").flatMap((file) =>
    importsOf(file).filter((specifier) => inputOutput.test(specifier)),
  );
  expect(found).toEqual([]);
});
