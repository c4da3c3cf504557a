// The executable writes nothing to disk: seen in its system calls, in the kernel's account of its writes, and in every place
// where it could have written; and it runs where it can write nowhere. A build that does write one file is found out.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, watch } from "node:fs";
import { appendFile, link, mkdir, mkdtemp, readdir, readFile, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acceptAnyCertificate, writeCertificate } from "../test-support/certificates.ts";
import { malten } from "../test-support/command.ts";
import { buildExecutable } from "../test-support/executable.ts";
import { TRACED, writingCalls } from "../test-support/file-system-calls.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { reportSkipped } from "../test-support/skipped.ts";
import { useEverything } from "./fixtures/everything.ts";

const possible =
  process.platform === "linux" &&
  Bun.which("strace") !== null &&
  spawnSync("unshare", ["--mount", "true"]).status === 0;
if (!possible) reportSkipped("the proof that nothing is written to disk", "Linux, root and strace");

const SANDBOX = join(import.meta.dir, "fixtures", "sandbox.sh");

/** Added to the variant's sources: it also writes each message to a file. */
const WRITE_ONE_FILE = `
import { appendFileSync } from "node:fs";
const publish = Hub.prototype.publish;
Hub.prototype.publish = function (stream: string, message: CheckedMessage, ...rest) {
  appendFileSync("/tmp/messages", message.text);
  return publish.call(this, stream, message, ...rest);
};
`;

/** How long each run may take on a busy machine, in milliseconds. */
const PATIENCE = 60_000;

let folder: string;
let executable: string;
let variant: string;

acceptAnyCertificate();

if (possible) {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "malten-no-disk-"));
    executable = await buildExecutable(folder);
    variant = await buildExecutable(folder, (project) =>
      appendFile(join(project, "src", "core", "hub.ts"), WRITE_ONE_FILE),
    );
  }, PATIENCE);

  afterAll(async () => {
    await expectNoProcessLeft();
    await rm(folder, { recursive: true, force: true });
  });
}

/** What a run left, of which an honest program leaves nothing. */
interface Traces {
  /** System calls that could have written a file. */
  readonly calls: string[];
  /** Bytes that the kernel wrote to disk for the process. */
  readonly written: number;
  /** Files where it could have made any. */
  readonly files: string[];
  /** Files that contain a text or name that was sent to it. */
  readonly canaries: string[];
}

/** Uses everything the server offers while it can write only to directories of its own. */
async function observe(program: string): Promise<Traces> {
  const own = await mkdtemp(join(folder, "own-"));
  for (const part of ["tmp/cwd", "tmp/home", "var-tmp", "shm"])
    await mkdir(join(own, part), { recursive: true });
  await link(program, join(own, "tmp", "malten"));
  const { certificate, key } = await writeCertificate(join(own, "tmp"));
  const given = await filesIn(own);
  const recording = `${own}.trace`;
  const canary = `canary-${crypto.randomUUID()}`;

  await using server = await ServerProcess.start({
    // -D: the process that is started here becomes the server.
    command: ["strace", "-D", "-f", "-yy", "-s", "64", "-e", `trace=${TRACED}`, "-o", recording].concat(
      ["unshare", "--mount", "sh", SANDBOX, own],
      ["env", "HOME=/tmp/home", "TMPDIR=/tmp", "/tmp/malten"],
    ),
    args: ["--port", "0", "--rate-limit", "0", "--metrics-port", "0", "--log-format", "json"].concat(
      ["--tls-cert", certificate.slice(own.length)],
      ["--tls-key", key.slice(own.length)],
    ),
  });
  const before = writtenBytes(server.pid);
  await useEverything(server, canary);
  const metrics = /http:\S+/.exec(await server.nextLine())?.[0] ?? "";
  expect(await (await fetch(metrics)).text()).toContain("malten_build_info");
  server.signal("SIGHUP");
  const opened = `open(?:at)?\\([^\\n]*${key.slice(own.length)}"`;
  await untilTrace(recording, new RegExp(`${opened}[^]*${opened}`));
  const written = writtenBytes(server.pid) - before;
  expect(await server.stop()).toBe(0);
  expect(await server.errors).toContain("certificate reloaded");

  // The recorder ends after the process that it records.
  const trace = await untilTrace(recording, new RegExp(`^${server.pid} +\\+\\+\\+ exited`, "m"));
  const files = await filesIn(own);
  const contents = await Promise.all(files.map((file) => readFile(join(own, file))));
  return {
    calls: writingCalls(trace, "/tmp/malten"),
    written,
    files: files.filter((file) => !given.includes(file)),
    canaries: files.filter((_, i) => contents[i]?.includes(canary)),
  };
}

/** Returns the paths of all files in a directory, from there. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(directory.length));
}

function writtenBytes(pid: number): number {
  return Number(/^write_bytes: ([0-9]+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

async function untilTrace(recording: string, pattern: RegExp): Promise<string> {
  let changed = Promise.withResolvers<void>();
  const watcher = watch(recording, () => changed.resolve());
  try {
    for (;;) {
      const trace = await readFile(recording, "utf8");
      if (pattern.test(trace)) return trace;
      await changed.promise;
      changed = Promise.withResolvers();
    }
  } finally {
    watcher.close();
  }
}

/** Starts a server that can write to no file system at all. */
function startReadOnly(program: string): Promise<ServerProcess> {
  return ServerProcess.start({ command: ["unshare", "--mount", "sh", SANDBOX, "-", program], cwd: folder });
}

describe.skipIf(!possible)("the executable", () => {
  test(
    "writes nothing to disk",
    async () => {
      expect(await observe(executable)).toEqual({ calls: [], written: 0, files: [], canaries: [] });
    },
    PATIENCE,
  );

  test(
    "runs where all file systems are read-only",
    async () => {
      await using server = await startReadOnly(executable);
      await useEverything(server, "canary");
    },
    PATIENCE,
  );
});

describe.skipIf(!possible)("the commands", () => {
  test(
    "write nothing to disk",
    async () => {
      await using server = await ServerProcess.start({ command: [executable], cwd: folder });
      const commands = [
        ["send", "foo"],
        ["streams", "--json"],
        ["new", "--private", "--qr"],
      ];
      for (const args of commands) {
        const recording = join(folder, `${args[0]}.trace`);
        const strace = ["strace", "-f", "-yy", "-s", "64", "-e", `trace=${TRACED}`, "-o", recording];
        const done = await malten(args, {
          command: [...strace, executable],
          server: server.url,
          input: "one\ntwo\n",
        });
        expect(done).toMatchObject({ err: "", code: 0 });
        expect(writingCalls(await readFile(recording, "utf8"), executable)).toEqual([]);
      }
    },
    PATIENCE,
  );
});

describe.skipIf(!possible)("a build that writes one file", () => {
  test(
    "is found out",
    async () => {
      const { calls, written, files, canaries } = await observe(variant);
      expect(calls.find((call) => call.includes("/tmp/messages"))).toContain("O_WRONLY|O_CREAT|O_APPEND");
      expect(files).toEqual(["/tmp/messages"]);
      expect(canaries).toEqual(["/tmp/messages"]);
      if (!(await inMemory(folder))) expect(written).toBeGreaterThan(0);
    },
    PATIENCE,
  );

  test(
    "cannot publish where all file systems are read-only",
    async () => {
      await using server = await startReadOnly(variant);
      const posted = await fetch(`http://127.0.0.1:${server.port}/messages?text=x`, { method: "POST" });
      expect(posted.status).toBe(500);
    },
    PATIENCE,
  );
});

/** Whether the directory is on a file system whose writes are not counted as written to disk. */
async function inMemory(directory: string): Promise<boolean> {
  const TMPFS = 0x01021994;
  return (await statfs(directory)).type === TMPFS;
}
