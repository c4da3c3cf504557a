// What npm publishes, installed into an empty project. It is packed in a copy of this one: the tests leave no trace in it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { version } from "../package.json" with { type: "json" };
import { malten } from "../test-support/command.ts";
import { ServerProcess } from "../test-support/process.ts";

const root = join(import.meta.dir, "..");

/** What a program gets that uses the client, in bytes after gzip. */
const MOST = 6000;

let folder: string;
let tarball: string;
/** Nothing is in it but the package and what it brings. */
let project: string;
let server: ServerProcess;

async function run(command: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}: ${out}${err}`);
  return out;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "malten-package-"));
  const copy = join(folder, "copy");
  await mkdir(copy);
  for (const part of [
    "bin",
    "scripts",
    "src",
    "test",
    "types",
    "web",
    "package.json",
    "README.md",
    "LICENSE",
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
  for (const config of ["tsconfig.json", "tsconfig.client.json", "tsconfig.types.json"])
    await cp(join(root, config), join(copy, config));
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
  await run(["npm", "pack", "--pack-destination", folder], copy);
  tarball = join(folder, `malten-${version}.tgz`);
  await rm(copy, { recursive: true });

  project = join(folder, "project");
  await mkdir(project);
  await Bun.write(join(project, "package.json"), JSON.stringify({ type: "module", private: true }));
  await run(["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", tarball], project);
  server = await ServerProcess.start();
}, 120_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("the package", () => {
  test("has the client, its types, the program, and nothing else", async () => {
    const files = (await run(["tar", "tzf", tarball], folder)).trim().split("\n");
    const rest = files.filter(
      (file) => !/^package\/dist\/npm\/types\/(client|protocol)\/[a-z-]+\.d\.ts$/.test(file),
    );
    expect(rest.toSorted()).toEqual([
      "package/LICENSE",
      "package/README.md",
      "package/bin/bun.mjs",
      "package/bin/malten.mjs",
      "package/dist/npm/client.js",
      "package/dist/npm/main.js",
      "package/package.json",
    ]);
  });

  test("is as publint wants it", async () => {
    const { messages } = await publint({
      pack: { tarball: await Bun.file(tarball).arrayBuffer() },
      strict: true,
    });
    expect(messages).toEqual([]);
  });

  test(`brings a client of less than ${MOST} bytes`, async () => {
    const client = await Bun.file(
      join(project, "node_modules", "malten", "dist", "npm", "client.js"),
    ).bytes();
    expect(Bun.gzipSync(client, { level: 9 }).length).toBeLessThan(MOST);
  });
});

/** A program that says something and hears it, in the words of the README. */
function program(stream: string): string {
  return `import { Malten, MaltenError } from "malten/client";

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

const SAID = "hello true\nstream_exists\n";

describe("a program runs", () => {
  const deno = join(root, "node_modules", ".bin", "deno");
  const runtimes: Record<string, string[]> = {
    node: ["node"],
    bun: [process.execPath],
    deno: [deno, "run", "--allow-net", "--node-modules-dir=manual", "--no-prompt"],
  };
  for (const [name, command] of Object.entries(runtimes)) {
    test(`in ${name}`, async () => {
      await Bun.write(join(project, `${name}.js`), program(name));
      expect(await run([...command, `${name}.js`], project)).toBe(SAID);
    }, 30_000);
  }

  test("bundled, far from the package", async () => {
    await Bun.write(join(project, "bundled.js"), program("bundled"));
    const outdir = join(folder, "bundle");
    await Bun.build({ entrypoints: [join(project, "bundled.js")], target: "browser", outdir });
    expect(await run([process.execPath, "bundled.js"], outdir)).toBe(SAID);
  });
});

describe("the types", () => {
  const tsc = [process.execPath, join(root, "node_modules", "typescript", "bin", "tsc")];
  const options = ["--strict", "--noEmit", "--target", "es2022", "--lib", "es2022,dom,esnext.asynciterable"];

  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["preserve", "bundler"],
  ] as const) {
    test(`are found by ${resolution}`, async () => {
      const file = `types-${resolution}.ts`;
      await Bun.write(join(project, file), program("types"));
      const given = [...options, "--types", "", "--module", module, "--moduleResolution", resolution];
      await run([...tsc, ...given, file], project);
      await Bun.write(join(project, file), program("types").replace('send("hello")', "send(5)"));
      expect(run([...tsc, ...given, file], project)).rejects.toThrow("TS2345");
    }, 30_000);
  }
});

describe("npx malten", () => {
  const npx = ["npx", "--no-install", "malten"];

  test("serves, with the page, and ends when it is told to", async () => {
    await using serving = await ServerProcess.start({ command: npx, cwd: project });
    const page = await fetch(serving.url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    await serving.stop();
    // npm ends at once; what it started ends a moment later.
    while (await fetch(serving.url).then(Boolean, () => false));
  }, 60_000);

  test("passes on the input, the output and the exit code", async () => {
    const command = ["node", join(project, "node_modules", ".bin", "malten")];
    const there = { command, server: server.url };
    expect(await malten(["send", "npx"], { ...there, input: "one\ntwo\n" })).toEqual({
      out: "",
      err: "",
      code: 0,
    });
    expect((await malten(["streams", "npx"], there)).out).toStartWith("npx\t");
    expect((await malten(["send", "npx", "x".repeat(1025)], there)).code).toBe(1);
    expect((await malten(["--version"], there)).out).toBe(`${version}\n`);
    await using serving = await ServerProcess.start({ command, cwd: project });
    expect(await serving.stop()).toBe(0);
  }, 60_000);
});
