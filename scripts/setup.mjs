// Runs on a fresh clone, so only Node itself may be imported here.
import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} path */
function modified(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// npm writes this hidden lock file last, so it is also missing after an install that was interrupted.
if (modified("package-lock.json") > modified("node_modules/.package-lock.json")) {
  // Under `npm run`, npm_execpath names the npm in use: started by node, it needs no shell on Windows.
  const npm = process.env.npm_execpath;
  // The tools are devDependencies: NODE_ENV=production must not leave them out.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const { status } = npm?.endsWith(".js")
    ? spawnSync(process.execPath, [npm, ...args], { cwd: root, stdio: "inherit" })
    : spawnSync(["npm", ...args].join(" "), { cwd: root, stdio: "inherit", shell: true });
  if (status !== 0) process.exit(status ?? 1);
}

// What the page is made of. The server embeds what is built of it.
const sources = ["web", "src/client", "src/protocol"].flatMap((folder) =>
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
