// Installs programs that the tests need and npm does not provide, if run as root on Debian. Runs before the tests, with Node alone.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** One entry per Debian package, with its alternative programs. */
const packages = [
  {
    debian: "chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    tests: "browser tests, in e2e/",
  },
  {
    debian: "iproute2",
    programs: ["ip"],
    tests: "vanished listeners, in e2e/ (as root on Linux)",
  },
  { debian: "curl", programs: ["curl"], tests: "the examples with curl, in e2e/" },
  { debian: "zsh", programs: ["zsh"], tests: "shell completion, in src/cli/" },
  { debian: "fish", programs: ["fish"], tests: "shell completion, in src/cli/" },
];

/** @param {string} program */
function isInstalled(program) {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function missing() {
  return packages.filter(({ programs }) => !programs.some((program) => isInstalled(program)));
}

/** @param {string[]} args */
function aptGet(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Prints the output only on failure.
  const { status, stdout, stderr } = spawnSync("apt-get", args, { env, encoding: "utf8" });
  if (status !== 0) console.error(`apt-get ${args.join(" ")} failed:\n${stdout}${stderr}`);
  return status === 0;
}

const canInstall = process.getuid?.() === 0 && isInstalled("apt-get");
const wanted = missing().map(({ debian }) => debian);

if (wanted.length > 0 && canInstall) {
  console.log(`Installing ${wanted.join(", ")} with apt-get`);
  if (aptGet("update")) aptGet("install", "-y", "--no-install-recommends", ...wanted);
}

for (const { debian, programs, tests } of missing()) {
  const why = canInstall
    ? "apt-get could not install it"
    : "only root on a Debian-like system can install it here";
  console.warn(`Missing: ${programs.join(" / ")} (package ${debian}): ${why}. Skipped: ${tests}.`);
  // CI fails instead of skipping tests.
  if (process.env.CI === "true") process.exitCode = 1;
}
