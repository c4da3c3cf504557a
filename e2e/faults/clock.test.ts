// Clocks that jump, in a real process: the wall clock is set while the server runs, by libfaketime.
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventReader, SocketClient } from "../../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess, SOURCE } from "../../test-support/process.ts";
import { reportSkipped } from "../../test-support/skipped.ts";

/** Where Debian puts the library; the directory is named after the machine. */
const LIBRARY = ["x86_64", "aarch64"]
  .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

if (LIBRARY === undefined) reportSkipped("clocks that jump", "Debian's package faketime");

const directory = mkdtempSync(join(tmpdir(), "malten-clock-"));

afterAll(() => rmSync(directory, { recursive: true }));
afterAll(expectNoProcessLeft);

/** Runs a server whose wall clock the test sets, with the monotonic clock of the machine. */
function start(): Promise<ServerProcess> {
  setClock("+0");
  const variables = [
    `LD_PRELOAD=${LIBRARY}`,
    `FAKETIME_TIMESTAMP_FILE=${file}`,
    "FAKETIME_NO_CACHE=1",
    "FAKETIME_DONT_FAKE_MONOTONIC=1",
  ];
  return ServerProcess.start({ command: ["env", ...variables, ...SOURCE] });
}

const file = join(directory, "offset");

/** Sets the server's wall clock: `+2h`. In one step, as the library may read the file at any time. */
function setClock(offset: string): void {
  writeFileSync(`${file}.new`, offset);
  renameSync(`${file}.new`, file);
}

test.skipIf(LIBRARY === undefined)(
  "the wall clock jumps forward and back: nothing expires, is lost, repeated or out of order",
  async () => {
    await using server = await start();
    const url = server.url.origin;
    await using events = await EventReader.open(url, "clock");
    await using socket = await SocketClient.open(url, "clock");
    const created: bigint[] = [];
    const publish = async (text: string) => {
      const response = await fetch(`${url}/messages?stream=clock&text=${text}`, { method: "POST" });
      expect(response.status).toBe(201);
      created.push(BigInt(((await response.json()) as { Created: string }).Created));
    };
    await fetch(`${url}/streams?stream=short&ttl=600`, { method: "POST" });
    const offsets = ["+0", "+2h", "-2h", "+10y", "+0"];
    for (const [i, offset] of offsets.entries()) {
      setClock(offset);
      await publish(`message${i}`);
    }

    const texts = offsets.map((_, i) => `message${i}`);
    expect(await events.texts(texts.length)).toEqual(texts);
    expect(await socket.texts(texts.length)).toEqual(texts);
    expect(created).toEqual(created.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(created).size).toBe(created.length);
    // The clock of the server really jumped, by years.
    expect((created.at(-1) ?? 0n) - (created[0] ?? 0n)).toBeGreaterThan(9n * 365n * 86_400n * 10n ** 9n);

    // Time-to-live is measured by the monotonic clock: after ten years by the wall clock, everything is still there.
    const streams = (await (await fetch(`${url}/streams`)).json()) as object;
    expect(Object.keys(streams).toSorted()).toEqual(["clock", "short"]);
    await using resumed = await EventReader.open(url, `clock&last=${created[0]}`);
    expect(await resumed.texts(texts.length - 1)).toEqual(texts.slice(1));
    expect(await server.stop()).toBe(0);
    expect(await server.errors).toBe("");
  },
  60_000,
);
