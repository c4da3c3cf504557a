import { expect, test } from "bun:test";
import { join } from "node:path";
import { withoutNodeCrypto } from "../../../scripts/without-node-crypto.ts";

/** What pipes and their words may weigh on the wire, in bytes, with what they share with sealed streams (about 2 kB). */
const PIPE_LIMIT = 25 * 1024;
const WORDS_LIMIT = 6700;

test("pipes and their words, minified and gzipped, are small", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "index.ts")],
    minify: true,
    splitting: true,
    target: "browser",
    plugins: [withoutNodeCrypto],
  });
  let [pipe, words] = [0, 0];
  for (const output of outputs) {
    const text = await output.text();
    const size = Bun.gzipSync(text, { level: 9 }).length;
    if (text.includes("abandon")) words += size;
    else pipe += size;
  }
  expect(pipe).toBeGreaterThan(10_000);
  expect(pipe).toBeLessThan(PIPE_LIMIT);
  expect(words).toBeGreaterThan(1000);
  expect(words).toBeLessThan(WORDS_LIMIT);
});
