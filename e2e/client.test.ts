// The SDK in each runtime, over each transport, against a real server and a network that fails. The suite is test-support/client/suite.ts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { withoutNodeCrypto } from "../scripts/without-node-crypto.ts";
import { ControlServer } from "../test-support/client/control.ts";
import { CASES } from "../test-support/client/suite.ts";
import { environment, expectNoProcessLeft } from "../test-support/process.ts";

const root = join(import.meta.dir, "..");

/** Time limit of a runtime, in milliseconds. Each case has a limit of 30 s. */
const TIMEOUT = 240_000;

let folder: string;
let file: string;
let script: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "malten-client-"));
  file = join(folder, "suite.mjs");
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "test-support", "client", "run.ts")],
    target: "browser",
    plugins: [withoutNodeCrypto],
  });
  script = (await outputs[0]?.text()) ?? "";
  await Bun.write(file, script);
});

afterAll(() => rm(folder, { recursive: true, force: true }));
// Also ends the suites of runtimes that took too long.
afterAll(expectNoProcessLeft);

/** Runs the suite in a process, which has to exit by itself. */
async function inProcess(...command: string[]): Promise<Map<string, string | undefined>> {
  await using control = await ControlServer.start(script);
  const child = Bun.spawn([...command, file, control.url], {
    env: environment(),
    stdout: "inherit",
    stderr: "inherit",
  });
  expect(await child.exited).toBe(0);
  return control.results;
}

/** Expects that every case ran and passed over these transports. */
function expectAllPassed(results: Map<string, string | undefined>, transports: string[]): void {
  const failed = Array.from(results).filter(([, error]) => error !== undefined);
  expect(failed).toEqual([]);
  const cases = transports.flatMap((transport) => Object.keys(CASES).map((name) => `${transport}: ${name}`));
  expect(Array.from(results.keys())).toEqual(cases);
}

const ALL = ["websocket", "sse", "poll"];

// Concurrent, since they mostly wait.
describe.concurrent("the SDK passes its suite", () => {
  test("in Bun", async () => expectAllPassed(await inProcess(process.execPath), ALL), TIMEOUT);

  test(
    "in Deno",
    async () => {
      const deno = join(root, "node_modules", "deno", "bin.cjs");
      expectAllPassed(await inProcess("node", deno, "run", "--allow-net", "--no-config"), ALL);
    },
    TIMEOUT,
  );

  // Node 20 has no WebSocket, and the SDK begins with SSE; Node 22 has one.
  const probe = Bun.spawnSync(["node", "-p", "typeof WebSocket"]).stdout.toString().trim();
  const transports = probe === "function" ? ALL : ALL.slice(1);
  test(
    `in Node, over ${transports.join(" and ")}`,
    async () => expectAllPassed(await inProcess("node"), transports),
    TIMEOUT,
  );

  const executablePath = ["chromium", "chromium-browser", "google-chrome"]
    .map((program) => Bun.which(program))
    .find((path) => path !== null);
  // In CI it must not be skipped: that looks like a pass.
  test.skipIf(executablePath === undefined && process.env["CI"] !== "true")(
    "in Chromium",
    async () => {
      if (executablePath === undefined) throw new Error("Chromium is not installed");
      await using control = await ControlServer.start(script);
      const args = ["--no-sandbox", "--disable-gpu"];
      const browser = await chromium.launch({ executablePath, args, env: environment() });
      try {
        const page = await browser.newPage();
        await page.goto(control.url);
        await control.done;
      } finally {
        await browser.close();
      }
      expectAllPassed(control.results, ALL);
    },
    TIMEOUT,
  );
});
