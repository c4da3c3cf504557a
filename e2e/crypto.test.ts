// The cases of cryptography in each runtime. In Bun they run beside the code: src/crypto/cases.test.ts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { withoutNodeCrypto } from "../scripts/without-node-crypto.ts";
import { CASES } from "../test-support/crypto/cases.ts";
import { environment, expectNoProcessLeft } from "../test-support/process.ts";

const root = join(import.meta.dir, "..");
const passed = Object.fromEntries(Object.keys(CASES).map((name) => [name, null]));

/** Time limit of a runtime, in milliseconds. It takes about a second. */
const TIMEOUT = 120_000;

let folder: string;
let script: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "malten-crypto-"));
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "test-support", "crypto", "run.ts")],
    target: "browser",
    plugins: [withoutNodeCrypto],
  });
  script = (await outputs[0]?.text()) ?? "";
  await Bun.write(join(folder, "cases.mjs"), script);
  const main = `import { run } from "./cases.mjs";\nconsole.log(JSON.stringify(await run()));\n`;
  await Bun.write(join(folder, "main.mjs"), main);
});

afterAll(() => rm(folder, { recursive: true, force: true }));
afterAll(expectNoProcessLeft);

/** Runs the cases in a process, which has to exit by itself. */
async function inProcess(...command: string[]): Promise<unknown> {
  const child = Bun.spawn([...command, join(folder, "main.mjs")], { env: environment(), stderr: "inherit" });
  const results: unknown = JSON.parse(await child.stdout.text());
  expect(await child.exited).toBe(0);
  return results;
}

describe("cryptography passes its cases", () => {
  test("in Node", async () => expect(await inProcess("node")).toEqual(passed), TIMEOUT);

  test(
    "in Deno",
    async () => {
      const deno = join(root, "node_modules", "deno", "bin.cjs");
      expect(await inProcess("node", deno, "run", "--no-config")).toEqual(passed);
    },
    TIMEOUT,
  );
});

const executablePath = ["chromium", "chromium-browser", "google-chrome"]
  .map((program) => Bun.which(program))
  .find((path) => path !== null);

// In CI it must not be skipped: that looks like a pass.
describe.skipIf(executablePath === undefined && process.env["CI"] !== "true")("Chromium", () => {
  let browser: Browser;
  let server: Bun.Server<undefined>;

  beforeAll(async () => {
    if (executablePath === undefined) throw new Error("Chromium is not installed");
    server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      routes: {
        "/": new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
        "/cases.mjs": new Response(script, { headers: { "content-type": "text/javascript" } }),
      },
    });
    // As a page of a server in the local network, over plain HTTP.
    const args = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP malten.test 127.0.0.1"];
    browser = await chromium.launch({ executablePath, args, env: environment() });
  }, TIMEOUT);

  afterAll(async () => {
    await browser.close();
    await server.stop(true);
  });

  async function evaluate(host: string, expression: string): Promise<unknown> {
    const page = await browser.newPage();
    await page.goto(`http://${host}:${server.port}/`);
    return page.evaluate(`import("/cases.mjs").then((cases) => cases.${expression})`);
  }

  test("passes the cases", async () => expect(await evaluate("127.0.0.1", "run()")).toEqual(passed), TIMEOUT);

  test(
    "says why it does not encrypt in an insecure context",
    async () => expect(await evaluate("malten.test", "tryToEncrypt()")).toBe("insecure_context"),
    TIMEOUT,
  );
});
