// Builds the contents of the npm packages. `malten` (dist/npm/): the program, and the client as `malten/client` and
// `malten/encrypted`. `@malten/client` (packages/client/dist/), with the argument `client`: the client alone, so that installing it
// does not install a runtime.
// Both contain the same bundle instead of one depending on the other: each tarball installs without the other being published.
import { copyFile, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "./build-page.ts";
import { withoutNodeCrypto } from "./without-node-crypto.ts";

const root = join(import.meta.dir, "..");

async function buildClient(outdir: string): Promise<void> {
  await Bun.build({
    entrypoints: [join(root, "src", "client", "index.ts")],
    target: "browser",
    minify: true,
    outdir,
    naming: "client.js",
  });
  // Imports the client above instead of containing it again: a program that uses both has one `Malten`.
  await Bun.build({
    entrypoints: [join(root, "src", "client", "encrypted", "index.ts")],
    target: "browser",
    minify: true,
    splitting: true,
    modulePreload: false,
    outdir,
    naming: { entry: "encrypted.js", chunk: "encrypted-[hash].js" },
    plugins: [
      withoutNodeCrypto,
      {
        name: "the client",
        setup(build) {
          build.onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: "./client.js", external: true }));
        },
      },
    ],
  });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { success } = Bun.spawnSync(
    ["node", tsc, "-p", "tsconfig.types.json", "--outDir", join(outdir, "types")],
    { cwd: root, stdout: "inherit", stderr: "inherit" },
  );
  if (!success) process.exit(1);
  await removeUnusedTypes(join(outdir, "types"));
}

/** Removes declarations that those of the entries do not import: they name libraries that are not installed. */
async function removeUnusedTypes(folder: string): Promise<void> {
  const used = new Set<string>();
  const pending = ["client/index.d.ts", "client/encrypted/index.d.ts"].map((entry) => join(folder, entry));
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (used.has(file)) continue;
    used.add(file);
    const source = await Bun.file(file).text();
    for (const [, specifier = ""] of source.matchAll(/from "(\..+)\.ts"/g))
      pending.push(join(file, "..", `${specifier}.d.ts`));
  }
  for (const file of await readdir(folder, { recursive: true })) {
    const path = join(folder, file);
    if (path.endsWith(".d.ts") && !used.has(path)) await rm(path);
  }
}

async function buildProgram(outdir: string): Promise<void> {
  await buildPage();
  await Bun.build({
    entrypoints: [join(root, "src", "main.ts")],
    target: "bun",
    // Identifiers stay readable in stack traces.
    minify: { whitespace: true, syntax: true, identifiers: false },
    outdir,
    naming: "main.js",
  });
}

const [name, ...rest] = Bun.argv.slice(2);
if (rest.length > 0 || (name !== undefined && name !== "client")) {
  console.error("Usage: bun scripts/package.ts [client]");
  process.exit(2);
}

if (name === "client") {
  const folder = join(root, "packages", "client");
  await rm(join(folder, "dist"), { recursive: true, force: true });
  await buildClient(join(folder, "dist"));
  await copyFile(join(root, "LICENSE"), join(folder, "LICENSE"));
} else {
  const outdir = join(root, "dist", "npm");
  await rm(outdir, { recursive: true, force: true });
  await buildClient(outdir);
  await buildProgram(outdir);
}
