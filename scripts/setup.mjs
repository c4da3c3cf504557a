// Installs the dependencies and builds the page if they are out of date. Runs on a fresh clone, so it may import only Node's own modules.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// npm writes this hidden lock file last, so it is missing after an interrupted install.
if (modified("package-lock.json") > modified("node_modules/.package-lock.json")) {
  // `npm run` sets npm_execpath to its own script. Running that with node needs no shell on Windows.
  const npm = process.env.npm_execpath;
  // The tools are devDependencies, needed also with NODE_ENV=production.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const { status } = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" })
    : spawnSync(["npm", ...args].join(" "), { cwd: root, stdio: "inherit", shell: true });
  if (status !== 0) process.exit(status ?? 1);
}

// The server embeds the built page, so it is rebuilt when its sources change.
const sources = ["web", "src/client", "src/crypto", "src/protocol"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, String(file))),
);
const changed = Math.max(...[...sources, "scripts/build-page.ts", "package-lock.json"].map(modified));
if (changed > modified("dist/page.json")) {
  const bun = join(root, "node_modules", "bun", "bin", "bun.exe");
  const { status } = spawnSync(bun, [join(root, "scripts", "build-page.ts")], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
