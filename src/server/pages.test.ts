import { expect, test } from "bun:test";
import { pages } from "./pages.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const table = pages({
  scripts: [],
  styles: [],
  files: { "/": { type: "text/html", identity: base64("plain"), br: base64("br"), gzip: base64("gzip") } },
});

/** The encoding of the answer to this Accept-Encoding. */
function encodingFor(accepted: string): string | null | undefined {
  const headers = { "accept-encoding": accepted };
  return table["/"]?.(new Request("http://localhost/", { headers })).headers.get("content-encoding");
}

test("the encoding is the smallest that is accepted", () => {
  expect(encodingFor("gzip, br")).toBe("br");
  expect(encodingFor("GZIP")).toBe("gzip");
  expect(encodingFor("br;q=0, gzip;q=0.5")).toBe("gzip");
  expect(encodingFor("br ; q=0.000 , gzip ; q=0.001")).toBe("gzip");
  expect(encodingFor("br;q=0,gzip;q=0.0")).toBeNull();
  expect(encodingFor("deflate")).toBeNull();
  expect(encodingFor("")).toBeNull();
});

test("the time is linear in the length of Accept-Encoding", () => {
  // Backtracking took 0.15 ns per pair of spaces, so minutes here.
  expect(encodingFor(`a${" ".repeat(1_000_000)}x, br`)).toBe("br");
  expect(encodingFor(`a;${" ".repeat(1_000_000)}q=0${".0".repeat(500_000)}x, br`)).toBe("br");
}, 30_000);
