import "./setup.mjs"; // first: the runtime arrives with it
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// The file behind node_modules/.bin/bun has this name on every system; the .cmd shim on Windows would need a shell.
const bun = join(root, "node_modules", "bun", "bin", "bun.exe");

const child = spawn(bun, [join(root, "src", "main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
  // Otherwise Bun leaves a cache of transpiled sources on disk; a server that keeps nothing should not.
  env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
});

const stop = () => child.kill("SIGTERM");
process.on("SIGTERM", stop);
process.on("SIGINT", () => {
  // A terminal sends Ctrl-C to the whole group: a second one would turn a graceful stop into an impatient one.
  if (!process.stdin.isTTY) child.kill("SIGINT");
});

// `npm start` passes SIGTERM to the shell between npm and this script, and the shell dies without a word to us.
if (process.env.npm_lifecycle_event === "start") {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    stop();
  }, 200);
}

child.on("error", (error) => {
  console.error(`Cannot start ${bun}: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
});
