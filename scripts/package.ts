// What npm publishes, in dist/npm/: the client for programs with its types, and the program for `npx malten`.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "./build-page.ts";

const root = join(import.meta.dir, "..");
const outdir = join(root, "dist", "npm");

await buildPage();
await rm(outdir, { recursive: true, force: true });

await Bun.build({
  entrypoints: [join(root, "src", "client", "index.ts")],
  target: "browser",
  minify: true,
  outdir,
  naming: "client.js",
});

await Bun.build({
  entrypoints: [join(root, "src", "main.ts")],
  target: "bun",
  // Names stay, so that a stack trace in an issue can be read.
  minify: { whitespace: true, syntax: true, identifiers: false },
  outdir,
  naming: "main.js",
});

const types = Bun.spawnSync(
  ["node", join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.types.json"],
  {
    cwd: root,
    stdout: "inherit",
    stderr: "inherit",
  },
);
if (!types.success) process.exit(1);
