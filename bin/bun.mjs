// Starts Bun, which is installed as an npm package, from Node.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";

/**
 * Runs a program in Bun with the arguments of this process. Forwards signals, and exits with its exit code.
 * @param {string} program
 */
export function runInBun(program) {
  const folder = dirname(createRequire(import.meta.url).resolve("bun/package.json"));
  // The target of node_modules/.bin/bun, named like this on every system. The .cmd shim on Windows would need a shell.
  const bun = join(folder, "bin", "bun.exe");

  const child = spawn(bun, [program, ...process.argv.slice(2)], {
    stdio: "inherit",
    // Turns off the cache of transpiled sources on disk.
    env: { ...process.env, BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
  });

  const stop = () => child.kill("SIGTERM");
  process.on("SIGTERM", stop);
  process.on("SIGINT", () => {
    // A terminal sends Ctrl-C to the whole process group; a second signal would cut the graceful shutdown short.
    const { stdin, stdout, stderr } = process;
    if (!stdin.isTTY && !stdout.isTTY && !stderr.isTTY) child.kill("SIGINT");
  });

  // npm sends SIGTERM to the shell between npm and this script, and the shell exits without forwarding it.
  if (["start", "npx"].includes(process.env.npm_lifecycle_event ?? "")) {
    const shell = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === shell) return;
      clearInterval(watch);
      stop();
    }, 200);
  }

  child.on("error", (error) => {
    console.error(`error: cannot start ${bun}: ${error.message}. Reinstall it with: npm rebuild bun`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
