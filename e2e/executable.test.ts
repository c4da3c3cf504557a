// The executable, alone in an empty directory.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { malten, RunningCommand } from "../test-support/command.ts";
import { buildExecutable } from "../test-support/executable.ts";
import { expectNoProcessLeft, ServerProcess, StartError } from "../test-support/process.ts";

let folder: string;
let command: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "malten-executable-"));
  command = [await buildExecutable(folder)];
}, 120_000);

afterAll(async () => {
  await expectNoProcessLeft();
  await rm(folder, { recursive: true, force: true });
});

/** A new directory to start the executable in. */
function emptyFolder(): Promise<string> {
  return mkdtemp(join(folder, "empty-"));
}

test("serves messages and the page, stops with 0 on SIGTERM, and leaves nothing behind", async () => {
  const cwd = await emptyFolder();
  await using server = await ServerProcess.start({ command, cwd });

  const posted = await fetch(new URL("/messages?stream=foo&text=hello", server.url), { method: "POST" });
  expect(posted.status).toBe(201);
  const read = await fetch(new URL("/messages?stream=foo", server.url));
  expect(await read.json()).toEqual([await posted.json()]);

  const page = await fetch(server.url);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const html = await page.text();
  expect(html).toContain("<title>Malten</title>");
  // Its assets are in the executable too.
  const script = /"(\/assets\/main-[^"]+)"/.exec(html)?.[1] ?? "";
  expect((await fetch(new URL(script, server.url))).headers.get("content-type")).toBe(
    "text/javascript; charset=utf-8",
  );

  expect(await server.stop()).toBe(0);
  expect(await readdir(cwd)).toEqual([]);
}, 30_000);

test.skipIf(process.platform !== "linux")(
  "runs workers",
  async () => {
    const args = ["--port", "0", "--workers", "2"];
    await using server = await ServerProcess.start({ command, args, cwd: await emptyFolder() });
    const posted = await fetch(new URL("/messages?stream=foo&text=hello", server.url), { method: "POST" });
    expect(posted.status).toBe(201);
    expect(await server.stop()).toBe(0);
  },
  30_000,
);

test("has the commands", async () => {
  await using server = await ServerProcess.start({ command, cwd: await emptyFolder() });
  const there = { command, server: server.url };
  await using tail = new RunningCommand(["tail", "foo", "--since", "earliest"], there);
  expect(await malten(["send", "foo"], { ...there, input: "one\ntwo\n" })).toEqual({
    out: "",
    err: "",
    code: 0,
  });
  expect(await tail.lines(2)).toEqual(["one", "two"]);
  expect((await malten(["new", "--qr"], there)).out).toContain("█");
}, 30_000);

test("stops with 0 while a client listens", async () => {
  await using server = await ServerProcess.start({ command, cwd: await emptyFolder() });
  const events = await fetch(new URL("/events?stream=foo", server.url));
  const body = events.text();
  expect(await server.stop()).toBe(0);
  expect(await body).toContain("retry:");
}, 30_000);

test("stops with 0 right after it has printed its address", async () => {
  const cwd = await emptyFolder();
  // Repeated, because an early signal is a race.
  for (let i = 0; i < 10; i++) {
    const server = await ServerProcess.start({ command, cwd });
    expect(await server.stop()).toBe(0);
  }
}, 30_000);

test("ignores .env and bunfig.toml in its directory", async () => {
  const cwd = await emptyFolder();
  await Bun.write(join(cwd, ".env"), "MALTEN_TTL=77\nMALTEN_PORT=from-the-file\n");
  await Bun.write(join(cwd, "bunfig.toml"), `preload = ["./preload.ts"]\n`);
  await Bun.write(join(cwd, "preload.ts"), "process.exit(66);\n");

  {
    await using server = await ServerProcess.start({ command, cwd });
    const limits = await fetch(new URL("/limits", server.url));
    expect(await limits.json()).toMatchObject({ ttl: 1024 });
  }

  // With MALTEN_PORT of the file it would fail; without, it uses the default port, which may be in use.
  const address = await ServerProcess.start({ command, cwd, args: [] }).then(
    async (server) => {
      await server.stop();
      return server.url.port;
    },
    (error: unknown) => (error instanceof StartError ? error.output : String(error)),
  );
  expect(address).toMatch(/^9090$|port 9090 is already in use/);
}, 30_000);

test("serves HTTPS with a certificate made at start, and metrics", async () => {
  const cwd = await emptyFolder();
  const args = ["--port", "0", "--tls-self-signed", "--metrics-port", "0"];
  await using server = await ServerProcess.start({ command, cwd, args });
  expect(server.url.protocol).toBe("https:");
  const health = await fetch(new URL("/health", server.url), { tls: { rejectUnauthorized: false } });
  expect(health.status).toBe(200);
  expect(await server.nextLine()).toMatch(/SHA-256 fingerprint (?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  const metricsUrl = /http:\S+$/.exec(await server.nextLine())?.[0] ?? "";
  expect(await (await fetch(metricsUrl)).text()).toContain("malten_requests_total 1\n");
  expect(await server.stop()).toBe(0);
  expect(await readdir(cwd)).toEqual([]);
}, 30_000);

test("exits with 2 for an invalid option", async () => {
  const cwd = await emptyFolder();
  const rejected = ServerProcess.start({ command, cwd, args: ["--port", "from-the-flag"] });
  const error: unknown = await rejected.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect((error as StartError).exitCode).toBe(2);
  expect((error as StartError).output).toContain(
    'invalid --port "from-the-flag": use a whole number from 0 to 65535',
  );
}, 30_000);
