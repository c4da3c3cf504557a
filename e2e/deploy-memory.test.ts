// What a container or a service may use is at least what docs/configuration.md says that the process takes.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const UNITS: Record<string, number> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** The default of `--max-memory`. */
const DEFAULT = 512 * 1024 ** 2;

/** Returns the size in bytes that follows `name` in a file of deploy/. */
function size(file: string, name: string): number {
  const text = readFileSync(join(import.meta.dir, "..", "deploy", file), "utf8");
  const [, number, unit = ""] = new RegExp(`^ *${name}[=:] *(\\d+)([kmg])$`, "im").exec(text) ?? [];
  return Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

function bound(maxMemory: number): number {
  return 3 * maxMemory + 200e6;
}

test("the limit of the container fits the bound", () => {
  const limit = size("compose.yaml", "mem_limit");
  expect(limit).toBeGreaterThan(bound(size("compose.yaml", "MALTEN_MAX_MEMORY")));
  // No swap.
  expect(size("compose.yaml", "memswap_limit")).toBe(limit);
});

test("the limit of the service fits the bound", () => {
  expect(size("malten.service", "MemoryMax")).toBeGreaterThan(bound(DEFAULT));
});
