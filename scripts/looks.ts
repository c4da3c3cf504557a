// Takes pictures of the page in each of its states, in four sizes, light and dark, and in forced colours, into screenshots/. Run: npm run looks [FILE…]
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");

const files = Bun.argv.slice(2);
if (files.length === 0)
  for await (const path of new Bun.Glob("e2e/page/*.test.ts").scan(ROOT)) {
    const text = await Bun.file(join(ROOT, path)).text();
    if (text.includes("await look(")) files.push(path);
  }

const { exitCode } = Bun.spawnSync([process.execPath, "test", ...files], {
  cwd: ROOT,
  env: { ...process.env, LOOKS: "all" },
  stdio: ["inherit", "inherit", "inherit"],
});
process.exit(exitCode);
