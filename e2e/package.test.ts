// The two npm packages, each installed into an empty project. They are packed in a copy of this one, which the tests leave unchanged.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, readdir, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { engines, version } from "../package.json" with { type: "json" };
import clientManifest from "../packages/client/package.json" with { type: "json" };
import { malten } from "../test-support/command.ts";
import { environment, expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";

const root = join(import.meta.dir, "..");

/** Size limits of the client, in bytes. */
const MAX_CLIENT_GZIPPED = 9620;
const MAX_ENCRYPTED_GZIPPED = 10_800;
/** With what is loaded when a pipe is created or joined: the conversation itself, and the list of words to compare. */
const MAX_PIPES_GZIPPED = MAX_ENCRYPTED_GZIPPED + 26 * 1024 + 6.5 * 1024;
const MAX_CLIENT_INSTALLED = 280_000;

interface Package {
  /** What programs import. */
  readonly specifier: string;
  readonly tarball: string;
  /** A project in which only this package is installed. */
  readonly project: string;
  /** The bundled client in it. */
  readonly client: string;
}

let folder: string;
let server: ServerProcess;
const packages: Record<"@malten/client" | "malten", Package> = {
  "@malten/client": pack("@malten/client", `malten-client-${version}.tgz`, "dist/client.js"),
  malten: pack("malten/client", `malten-${version}.tgz`, "dist/npm/client.js"),
};

/** Paths are relative to `folder`, which does not exist yet. */
function pack(specifier: string, tarball: string, client: string): Package {
  const name = specifier.startsWith("@") ? specifier : "malten";
  const project = name.replace("/", "-");
  return { specifier, tarball, project, client: join(project, "node_modules", name, client) };
}

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, {
    cwd,
    env: environment(),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}: ${out}${err}`);
  return out;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "malten-package-"));
  const copy = join(folder, "copy");
  for (const part of [
    "bin",
    "scripts",
    "src",
    "types",
    "web",
    "package.json",
    "packages/client/package.json",
    "packages/client/README.md",
    "README.md",
    "LICENSE",
    "tsconfig.json",
    "tsconfig.client.json",
    "tsconfig.types.json",
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  await run(["npm", "pack", "--pack-destination", folder], copy);
  await run(["npm", "pack", "./packages/client", "--pack-destination", folder], copy);
  await rm(copy, { recursive: true });

  // Offline: the client needs nothing from the registry.
  await install(packages["@malten/client"], "--offline");
  await install(packages.malten, "--prefer-offline");
  server = await ServerProcess.start();
}, 120_000);

async function install({ tarball, project }: Package, network: string): Promise<void> {
  const cwd = join(folder, project);
  await mkdir(cwd);
  await Bun.write(join(cwd, "package.json"), JSON.stringify({ type: "module", private: true }));
  await run(["npm", "install", network, "--no-audit", "--no-fund", join(folder, tarball)], cwd);
}

afterAll(async () => {
  await server.stop();
  await expectNoProcessLeft();
  await rm(folder, { recursive: true, force: true });
});

describe("the tarball", () => {
  const contents: Record<keyof typeof packages, string[]> = {
    "@malten/client": ["LICENSE", "README.md", "dist/client.js", "dist/encrypted.js", "package.json"],
    malten: [
      "LICENSE",
      "README.md",
      "bin/bun.mjs",
      "bin/malten.mjs",
      "dist/npm/client.js",
      "dist/npm/encrypted.js",
      "dist/npm/main.js",
      "package.json",
    ],
  };

  for (const name of ["@malten/client", "malten"] as const) {
    test(`of ${name} has the expected files and the types of the client`, async () => {
      const files = (await run(["tar", "tzf", packages[name].tarball], folder)).trim().split("\n");
      const types = /^package\/dist\/(npm\/)?types\/(client|crypto|protocol)\/([a-z-]+\/)?[a-z-]+\.d\.ts$/;
      // What is shared by encrypted streams and pipes, or loaded with these.
      const chunks = /^package\/dist\/(npm\/)?encrypted-[a-z0-9]+\.js$/;
      const others = files.filter((file) => !types.test(file) && !chunks.test(file));
      expect(others.toSorted()).toEqual(contents[name].map((file) => `package/${file}`));
      expect(files.length).toBeGreaterThan(others.length);
    });

    test(`of ${name} passes publint`, async () => {
      const tarball = await Bun.file(join(folder, packages[name].tarball)).arrayBuffer();
      const { messages } = await publint({ pack: { tarball }, strict: true });
      expect(messages).toEqual([]);
    });

    test(`of ${name} has a client of less than ${MAX_CLIENT_GZIPPED} bytes gzipped`, async () => {
      const client = await Bun.file(join(folder, packages[name].client)).bytes();
      expect(Bun.gzipSync(client, { level: 9 }).length).toBeLessThan(MAX_CLIENT_GZIPPED);
    });

    test(`of ${name} has encrypted streams of less than ${MAX_ENCRYPTED_GZIPPED} bytes gzipped`, async () => {
      const entry = join(folder, packages[name].client, "..", "encrypted.js");
      expect(await gzippedSize(await modulesOf(entry, /from ?"([^"]+)"/g))).toBeLessThan(
        MAX_ENCRYPTED_GZIPPED,
      );
      const all = await modulesOf(entry, /(?:from ?|import\()"([^"]+)"/g);
      expect(await gzippedSize(all)).toBeLessThan(MAX_PIPES_GZIPPED);
      expect(all.size).toBeGreaterThan(2);
    });
  }
});

/** A module and what it imports, without the client, which is not contained twice. */
async function modulesOf(entry: string, imports: RegExp): Promise<Set<string>> {
  const modules = new Set([entry]);
  for (const module of modules)
    for (const [, specifier = ""] of (await Bun.file(module).text()).matchAll(imports))
      if (specifier !== "./client.js") modules.add(join(module, "..", specifier));
  return modules;
}

async function gzippedSize(modules: Iterable<string>): Promise<number> {
  const sizes = await Promise.all(
    Array.from(modules, async (module) => {
      return Bun.gzipSync(await Bun.file(module).bytes(), { level: 9 }).length;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("both packages have the same version and Node requirement", () => {
  expect(clientManifest).toMatchObject({ version, engines });
});

test("@malten/client installs nothing else", async () => {
  expect(clientManifest).not.toHaveProperty("dependencies");
  const modules = join(folder, packages["@malten/client"].project, "node_modules");
  expect((await readdir(modules)).toSorted()).toEqual([".package-lock.json", "@malten"]);
  expect(await readdir(join(modules, "@malten"))).toEqual(["client"]);
  const files = await readdir(modules, { recursive: true });
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(modules, file))).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_CLIENT_INSTALLED);
});

/** A program that sends a message and receives it. */
function program(specifier: string, stream: string): string {
  return `import { Malten, MaltenError } from "${specifier}";

const malten = new Malten("${server.url.href}");
const stream = malten.stream("${stream}");
const messages = stream.listen({ since: "earliest" });
await stream.send("hello");
for await (const message of messages) {
  console.log(message.text, message.time instanceof Date);
  break;
}
stream.close();
try {
  await malten.create({ name: "${stream}" });
} catch (error) {
  if (error instanceof MaltenError) console.log(error.code);
}
`;
}

const PRINTED = "hello true\nstream_exists\n";

/** A program with an encrypted stream and a pipe, which share the client that is passed in. */
function encryptedProgram(specifier: string): string {
  return `import { Malten, MaltenError } from "${specifier}";
import { create, open, pipe } from "${specifier.replace(/^malten\/client$/, "malten")}/encrypted";

const malten = new Malten("${server.url.href}");
const owner = await create(malten, { ttl: 60 });
const reader = await open(owner.links.reader);
const messages = reader.listen({ since: "earliest" });
await owner.send("secret", { name: "Ann" });
for await (const message of messages) {
  console.log(message.text, message.name, message.sender.isNew);
  break;
}
try {
  await reader.send("no");
} catch (error) {
  if (error instanceof MaltenError) console.log(error.code);
}
reader.close();
const one = await pipe.create(malten);
const other = await pipe.join(one.link ?? "");
await one.joined;
await one.send("between two");
for await (const { text } of other.messages()) {
  console.log(text);
  break;
}
await one.end();
other.close();
malten.close();
`;
}

const ENCRYPTED_PRINTED = "secret Ann true\nread_only\nbetween two\n";

for (const [name, { specifier, project }] of Object.entries(packages)) {
  describe(`a program with ${specifier}`, () => {
    const stream = name.replaceAll(/[@/]/g, "-");
    const deno = join(root, "node_modules", ".bin", "deno");
    const runtimes: Record<string, string[]> = {
      node: ["node"],
      bun: [process.execPath],
      deno: [deno, "run", "--allow-net", "--node-modules-dir=manual", "--no-prompt"],
    };
    for (const [runtime, command] of Object.entries(runtimes)) {
      test(`runs in ${runtime}`, async () => {
        const cwd = join(folder, project);
        await Bun.write(join(cwd, `${runtime}.js`), program(specifier, runtime + stream));
        expect(await run([...command, `${runtime}.js`], cwd)).toBe(PRINTED);
        await Bun.write(join(cwd, `${runtime}-encrypted.js`), encryptedProgram(specifier));
        expect(await run([...command, `${runtime}-encrypted.js`], cwd)).toBe(ENCRYPTED_PRINTED);
      }, 60_000);
    }

    test("runs bundled, without the package", async () => {
      const entry = join(folder, project, "bundled.js");
      await Bun.write(entry, program(specifier, `bundled${stream}`));
      const outdir = join(folder, `${project}-bundle`);
      await Bun.build({ entrypoints: [entry], target: "browser", outdir });
      expect(await run([process.execPath, "bundled.js"], outdir)).toBe(PRINTED);
      await Bun.write(entry, encryptedProgram(specifier));
      await Bun.build({ entrypoints: [entry], target: "browser", outdir });
      expect(await run([process.execPath, "bundled.js"], outdir)).toBe(ENCRYPTED_PRINTED);
    });

    const tsc = [process.execPath, join(root, "node_modules", "typescript", "bin", "tsc")];
    const options = [
      "--strict",
      "--noEmit",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom,esnext.asynciterable",
    ];

    for (const [module, resolution] of [
      ["nodenext", "nodenext"],
      ["preserve", "bundler"],
    ] as const) {
      test(`type-checks with moduleResolution ${resolution}`, async () => {
        const cwd = join(folder, project);
        const file = `types-${resolution}.ts`;
        const check = async (source: string) => {
          await Bun.write(join(cwd, file), source);
          const given = [...options, "--types", "", "--module", module, "--moduleResolution", resolution];
          return run([...tsc, ...given, file], cwd);
        };
        const valid = program(specifier, "types");
        await check(valid);
        await check(encryptedProgram(specifier));
        expect(check(valid.replace('send("hello")', "send(5)"))).rejects.toThrow("TS2345");
      }, 30_000);
    }
  });
}

describe("npx malten", () => {
  const npx = ["npx", "--no-install", "malten"];

  test("serves the page and stops on SIGTERM", async () => {
    const cwd = join(folder, packages.malten.project);
    await using serving = await ServerProcess.start({ command: npx, cwd });
    const page = await fetch(serving.url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    await serving.stop();
    // npm exits immediately; the server it started exits a moment later.
    while (await fetch(serving.url).then(Boolean, () => false));
  }, 60_000);

  test("passes on input, output and exit code", async () => {
    const cwd = join(folder, packages.malten.project);
    const command = ["node", join(cwd, "node_modules", ".bin", "malten")];
    const options = { command, server: server.url };
    expect(await malten(["send", "npx"], { ...options, input: "one\ntwo\n" })).toEqual({
      out: "",
      err: "",
      code: 0,
    });
    expect((await malten(["streams", "npx"], options)).out).toStartWith("npx\t");
    expect((await malten(["send", "npx", "x".repeat(1025)], options)).code).toBe(1);
    expect((await malten(["--version"], options)).out).toBe(`${version}\n`);
    await using serving = await ServerProcess.start({ command, cwd });
    expect(await serving.stop()).toBe(0);
  }, 60_000);
});
