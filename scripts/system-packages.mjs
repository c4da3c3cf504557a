// Installs programs that the tests need and npm does not provide, if run as root on Debian. Runs before the tests, with Node alone.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * One entry per Debian package, with its alternative programs. `service`: the package would run it as a system service.
 * @type {{ debian: string, programs: string[], tests: string, service?: string }[]}
 */
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
  {
    debian: "strace",
    programs: ["strace"],
    tests: "nothing is written to disk, in e2e/ (as root on Linux)",
  },
  { debian: "systemd", programs: ["systemd-analyze"], tests: "the systemd unit, in e2e/" },
  ...["nginx", "haproxy", "caddy"].map((name) => ({
    debian: name,
    programs: [name],
    tests: `behind ${name}, in e2e/`,
    service: name,
  })),
  {
    debian: "redis-server",
    programs: ["redis-server"],
    tests: "the broker on Valkey or Redis, in src/brokers/valkey/ and e2e/cluster/",
    service: "redis-server",
  },
  { debian: "faketime", programs: ["faketime"], tests: "clocks that jump, in e2e/" },
  { debian: "zsh", programs: ["zsh"], tests: "shell completion, in src/cli/" },
  { debian: "fish", programs: ["fish"], tests: "shell completion, in src/cli/" },
];

/** Debian installs some programs in a directory that only root has in its PATH. */
const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];

/** @param {string} program */
function isInstalled(program) {
  return directories.some((directory) => {
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

/**
 * Installs packages without starting their services, now or at the next boot: the tests start the programs themselves.
 * @param {ReturnType<typeof missing>} wanted
 */
function install(wanted) {
  // Packages ask this program before they start a service (invoke-rc.d(8)); 101 forbids it.
  const policy = "/usr/sbin/policy-rc.d";
  const own = !existsSync(policy);
  if (own) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    aptGet("install", "-y", "--no-install-recommends", ...wanted.map(({ debian }) => debian));
  } finally {
    if (own) rmSync(policy);
  }
  const services = wanted.flatMap(({ service }) => service ?? []);
  if (services.length > 0 && isInstalled("systemctl"))
    spawnSync("systemctl", ["disable", "--quiet", ...services], { stdio: "ignore" });
}

const canInstall = process.getuid?.() === 0 && isInstalled("apt-get");
const wanted = missing();

if (wanted.length > 0 && canInstall) {
  console.log(`Installing ${wanted.map(({ debian }) => debian).join(", ")} with apt-get`);
  if (aptGet("update")) install(wanted);
}

for (const { debian, programs, tests } of missing()) {
  const why = canInstall
    ? "apt-get could not install it"
    : "only root on a Debian-like system can install it here";
  console.warn(`Missing: ${programs.join(" / ")} (package ${debian}): ${why}. Skipped: ${tests}.`);
  // CI fails instead of skipping tests.
  if (process.env.CI === "true") process.exitCode = 1;
}
