// Starts the runtime, which comes as an npm package, with Node alone.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";

/**
 * Runs a program in Bun and ends as it ends: signals go there, its exit code comes back.
 * @param {string} program
 */
export function runInBun(program) {
  const folder = dirname(createRequire(import.meta.url).resolve("bun/package.json"));
  // The file behind node_modules/.bin/bun has this name on every system; the .cmd shim on Windows would need a shell.
  const bun = join(folder, "bin", "bun.exe");

  const child = spawn(bun, [program, ...process.argv.slice(2)], {
    stdio: "inherit",
    // Otherwise Bun leaves a cache of transpiled sources on disk; a server that keeps nothing should not.
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });

  const stop = () => child.kill("SIGTERM");
  process.on("SIGTERM", stop);
  process.on("SIGINT", () => {
    // A terminal sends Ctrl-C to the whole group: a second one would turn a graceful stop into an impatient one.
    const { stdin, stdout, stderr } = process;
    if (!stdin.isTTY && !stdout.isTTY && !stderr.isTTY) child.kill("SIGINT");
  });

  // npm passes SIGTERM to the shell between npm and this script, and the shell dies without a word to us.
  if (["start", "npx"].includes(process.env.npm_lifecycle_event ?? "")) {
    const shell = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === shell) return;
      clearInterval(watch);
      stop();
    }, 200);
  }

  child.on("error", (error) => {
    console.error(`malten: Cannot start ${bun}: ${error.message}. It is made by: npm rebuild bun`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
