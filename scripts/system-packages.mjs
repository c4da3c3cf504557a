// Programs which the tests use and npm cannot bring. Runs before the tests, with Node alone.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** One entry per Debian package; any one of its programs will do. */
const packages = [
  {
    debian: "chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    tests: "the browser tests in e2e/",
  },
  {
    debian: "iproute2",
    programs: ["ip"],
    tests: "that a listener who vanishes is gone, in e2e/ (as root on Linux)",
  },
  { debian: "curl", programs: ["curl"], tests: "the seeds' examples in e2e/" },
  { debian: "zsh", programs: ["zsh"], tests: "its completion in src/cli/" },
  { debian: "fish", programs: ["fish"], tests: "its completion in src/cli/" },
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
  // Quiet when it works, everything when it does not.
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
  // In CI a skipped test looks like a passed one.
  if (process.env.CI === "true") process.exitCode = 1;
}
