// The linter and the compiler keep the modules apart: here they get code that breaks the rules on purpose, because a
// rule that fires on nothing looks like code without faults.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";

const root = join(import.meta.dir, "..");
const fixture = join(import.meta.dir, "dependency-rules", "fixture");

/** What each module may import, stated independently of the linter's configuration. */
const allowedImports = {
  protocol: [],
  crypto: [], // three files of protocol only: tested apart
  core: ["protocol"],
  brokers: ["core", "protocol"],
  client: ["protocol", "crypto"],
  federation: ["core", "protocol", "client"],
  server: ["core", "protocol"],
  workers: ["brokers", "core", "protocol", "server"],
  options: ["protocol"],
  cli: ["client", "protocol", "crypto", "options"],
  web: ["client", "protocol", "crypto"],
} satisfies Record<string, string[]>;

const modules = Object.keys(allowedImports);
const folder = (module: string): string => (module === "web" ? "web" : `src/${module}`);

/** Findings by file, as `plugin(rule)` from the linter or `TS1234` from the compiler. */
type Findings = Map<string, Set<string>>;

let project: string;
let lint: Findings;
let types: Findings;

function add(findings: Findings, file: string, rule: string): void {
  const path = file.replaceAll("\\", "/");
  findings.set(path, (findings.get(path) ?? new Set()).add(rule));
}

/** Runs a tool of node_modules in the copied project; both tools fail there, so the exit code says nothing. */
function run(tool: string, ...args: string[]): string {
  const command = ["node", join(root, "node_modules", tool), ...args];
  return Bun.spawnSync(command, { cwd: project, env: { ...process.env, NO_COLOR: "1" } }).stdout.toString();
}

function runLinter(): Findings {
  // The linked node_modules is no folder to the linter, which would read all of it.
  const args = ["--type-aware", "--format=json", "--ignore-pattern=node_modules"];
  const output: unknown = JSON.parse(run("oxlint/bin/oxlint", ...args));
  const { diagnostics } = output as { diagnostics: { filename: string; code: string }[] };
  const findings: Findings = new Map();
  for (const { filename, code } of diagnostics) add(findings, filename, code);
  return findings;
}

function runCompiler(): Findings {
  const findings: Findings = new Map();
  for (const config of ["tsconfig.pure.json", "tsconfig.crypto.json"]) {
    for (const line of run("typescript/bin/tsc", "-p", config, "--pretty", "false").split("\n")) {
      const match = /^(.+?)\(\d+,\d+\): error (TS\d+):/.exec(line);
      if (match?.[1] !== undefined && match[2] !== undefined) add(findings, match[1], match[2]);
    }
  }
  return findings;
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "malten-dependency-rules-"));
  await cp(fixture, project, { recursive: true });
  for (const file of [
    ".oxlintrc.json",
    "tsconfig.json",
    "tsconfig.pure.json",
    "tsconfig.crypto.json",
    "types",
  ]) {
    await cp(join(root, file), join(project, file), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(project, "node_modules"), "junction");

  for (const module of modules) {
    await mkdir(join(project, folder(module)), { recursive: true });
    await Bun.write(join(project, folder(module), "thing.ts"), `export const thing = "${module}";\n`);
    for (const other of modules) {
      if (other === module) continue;
      const target = posix.relative(folder(module), folder(other));
      await Bun.write(
        join(project, folder(module), `to-${other}.ts`),
        `import { thing } from "${target}/thing.ts";\n\nexport const seen = thing;\n`,
      );
    }
  }
  await Bun.write(join(project, "src/protocol/problem.ts"), `export const code = "code";\n`);
  await Bun.write(
    join(project, "src/crypto/to-problem.ts"),
    `import { code } from "../protocol/problem.ts";\n\nexport const seen = code;\n`,
  );

  lint = runLinter();
  types = runCompiler();
}, 60_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

const restricted = "eslint(no-restricted-imports)";

describe("each dependency rule", () => {
  for (const [module, allowed] of Object.entries<string[]>(allowedImports)) {
    test(`${module} may import ${allowed.join(", ") || "nothing"}`, () => {
      const passed = modules.filter(
        (other) => other !== module && !lint.get(`${folder(module)}/to-${other}.ts`)?.has(restricted),
      );
      expect(passed.toSorted()).toEqual(allowed.toSorted());
    });
  }

  test("crypto may import the problems of protocol", () => {
    expect(lint.get("src/crypto/to-problem.ts")).toBeUndefined();
  });
});

describe("the linter rejects", () => {
  const rejected: Record<string, string> = {
    "src/server/imports-crypto.ts": restricted,
    "src/server/imports-crypto-late.ts": restricted,
    "src/server/imports-crypto-as-type.ts": restricted,
    "src/server/imports-crypto-inside-type.ts": "typescript(consistent-type-imports)",
    "src/server/passes-crypto-on.ts": restricted,
    "src/server/requires-crypto.ts": "typescript(no-require-imports)",
    "src/server/http/imports-crypto-from-below.ts": restricted,
    "src/core/imports-server.ts": restricted,
    "src/protocol/imports-core.ts": restricted,
    "src/protocol/uses-node.ts": restricted,
    "src/crypto/imports-limits.ts": restricted,
    "src/crypto/uses-node.ts": restricted,
    "src/crypto/uses-package.ts": restricted,
    "src/client/imports-main.ts": restricted,
    "src/options/uses-node.ts": restricted,
    "src/config.ts": restricted,
    "src/core/circle-one.ts": "import(no-cycle)",
    "src/core/circle-two.ts": "import(no-cycle)",
    "src/brokers/exports-default.ts": "import(no-default-export)",
    "src/brokers/uses-any.ts": "typescript(no-explicit-any)",
    "src/brokers/forgets-promise.ts": "typescript(no-floating-promises)",
    "src/brokers/misuses-promise.ts": "typescript(no-misused-promises)",
    "src/brokers/prints.ts": "eslint(no-console)",
  };
  for (const [file, rule] of Object.entries(rejected)) {
    test(`${file} by ${rule}`, () => {
      expect([...(lint.get(file) ?? [])]).toContain(rule);
    });
  }

  test("nothing in code without faults", () => {
    for (const file of ["src/cli/prints.ts", "src/core/hub.ts", "src/server/routes.ts", "src/main.ts"]) {
      expect(lint.get(file)).toBeUndefined();
    }
  });
});

describe("the compiler keeps the runtime out of the pure modules", () => {
  const impure = {
    "src/core/uses-bun.ts": "Bun",
    "src/core/uses-process.ts": "process",
    "src/core/uses-buffer.ts": "Buffer",
    "src/protocol/uses-node.ts": "node:fs",
    "src/core/uses-webcrypto.ts": "crypto.subtle",
    "src/crypto/uses-document.ts": "document",
    "src/crypto/uses-fetch.ts": "fetch",
  };
  for (const [file, what] of Object.entries(impure)) {
    test(`${what} does not compile`, () => {
      expect(types.has(file)).toBe(true);
    });
  }

  test("Web standards compile", () => {
    expect(types.has("src/core/uses-web-standards.ts")).toBe(false);
    expect(types.has("src/crypto/uses-webcrypto.ts")).toBe(false);
    expect(types.has("src/core/hub.ts")).toBe(false);
  });
});
