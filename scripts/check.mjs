import "./setup.mjs"; // first: installs the tools
import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const path = [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);

const checks = {
  types: "tsc -p tsconfig.json",
  "types of the pure modules": "tsc -p tsconfig.pure.json",
  "types of the cryptography": "tsc -p tsconfig.crypto.json",
  "types of the SDK": "tsc -p tsconfig.client.json",
  "types of the page": "tsc -p web/tsconfig.json",
  "types of the service worker": "tsc -p web/worker/tsconfig.json",
  "lint and dependency rules": "oxlint --type-aware --deny-warnings",
  format: "oxfmt --check",
  "dead code": "knip",
};

const failed = [];
for (const [name, command] of Object.entries(checks)) {
  // On Windows the tools are .cmd files, which only a shell can start.
  const { status } = spawnSync(command, {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: "inherit",
    shell: true,
  });
  if (status !== 0) failed.push(`${name} (${command})`);
}

if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}`);
  process.exit(1);
}
