// The systemd unit of deploy/: what systemd says about it, and whether its filter allows the system calls of the executable.
import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildExecutable } from "../test-support/executable.ts";
import { expectNoProcessLeft, ServerProcess } from "../test-support/process.ts";
import { reportSkipped } from "../test-support/skipped.ts";
import { useEverything } from "./fixtures/everything.ts";

const UNIT = join(import.meta.dir, "..", "deploy", "malten.service");

const possible =
  process.platform === "linux" && Bun.which("systemd-analyze") !== null && Bun.which("strace") !== null;
if (!possible) reportSkipped("the systemd unit", "systemd-analyze and strace");

/** On a busy machine, in milliseconds. */
const PATIENCE = 60_000;

const folders: string[] = [];

afterAll(async () => {
  await expectNoProcessLeft();
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "malten-service-"));
  folders.push(folder);
  return folder;
}

function analyze(...args: string[]): { out: string; err: string } {
  const { stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  return { out: stdout, err: stderr };
}

/** Returns the values of a setting that is given once or more. */
async function settings(name: string): Promise<string[]> {
  const lines = (await readFile(UNIT, "utf8")).split("\n");
  return lines.flatMap((line) => (line.startsWith(`${name}=`) ? [line.slice(name.length + 1)] : []));
}

/** Returns the system calls of a filter's groups and calls, without `~`. */
function callsOf(filter: string): Set<string> {
  const calls = new Set<string>();
  for (const item of filter.replace("~", "").split(" ")) {
    if (!item.startsWith("@")) calls.add(item);
    else {
      const { out } = analyze("syscall-filter", "--no-pager", item);
      for (const line of out
        .split("\n")
        .map((each) => each.trim())
        .slice(1)) {
        if (line.startsWith("@")) for (const call of callsOf(line)) calls.add(call);
        else if (/^[a-z0-9_]+$/.test(line)) calls.add(line);
      }
    }
  }
  return calls;
}

describe.skipIf(!possible)("the systemd unit", () => {
  test("is valid", () => {
    const { err } = analyze("verify", "--man=no", UNIT);
    // The executable is not installed here.
    expect(err.split("\n").filter((line) => !/is not executable|^$/.test(line))).toEqual([]);
  });

  test("gives away little, in the opinion of systemd", () => {
    const { out } = analyze("security", "--offline=true", "--no-pager", UNIT);
    const exposure = /Overall exposure level for malten\.service: ([0-9.]+)/.exec(out)?.[1];
    expect(Number(exposure)).toBeLessThan(1.5);
  });

  test(
    "allows every system call and address family that the executable uses",
    async () => {
      const folder = await newFolder();
      const recording = join(folder, "trace");
      {
        await using server = await ServerProcess.start({
          command: ["strace", "-D", "-f", "-o", recording, await buildExecutable(folder)],
          cwd: folder,
        });
        await useEverything(server, "canary");
      }
      const trace = await readFile(recording, "utf8");
      const used = new Set([...trace.matchAll(/^\d+ +([a-z]\w*)\(/gm)].map(([, call = ""]) => call));
      expect(used).toContain("epoll_ctl");
      const [allowed = "", denied = ""] = await settings("SystemCallFilter");
      const permitted = callsOf(allowed).difference(callsOf(denied));
      expect([...used.difference(permitted)]).toEqual([]);

      const families = new Set([...trace.matchAll(/ socket\((AF_\w+)/g)].map(([, family = ""]) => family));
      const [addressFamilies = ""] = await settings("RestrictAddressFamilies");
      expect([...families.difference(new Set(addressFamilies.split(" ")))]).toEqual([]);
    },
    PATIENCE,
  );
});
