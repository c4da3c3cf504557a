import { expect, test } from "bun:test";
import { join } from "node:path";

/** What the SDK may weigh on the wire, in bytes. */
const LIMIT = 9620;

test("the SDK alone, minified and gzipped, is small", async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(import.meta.dir, "index.ts")],
    minify: true,
    target: "browser",
  });
  const [bundle] = outputs;
  const size = Bun.gzipSync(new Uint8Array((await bundle?.arrayBuffer()) ?? []), { level: 9 }).length;
  expect(size).toBeGreaterThan(1000);
  expect(size).toBeLessThan(LIMIT);
});
