import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { buildPage } from "./build-page.ts";

const root = join(import.meta.dir, "..");

const targets = [
  "linux-x64",
  "linux-arm64",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
  "windows-arm64",
] as const;

async function build(outfile: string, target?: `bun-${(typeof targets)[number]}`): Promise<boolean> {
  try {
    await Bun.build({
      entrypoints: [join(root, "src", "main.ts")],
      minify: true,
      sourcemap: "linked",
      compile: {
        outfile: join(root, outfile),
        ...(target && { target }),
        // Files in the working directory must not configure the server.
        autoloadDotenv: false,
        autoloadBunfig: false,
      },
    });
    // The executable contains the source map; Bun also leaves a copy beside it.
    await rm(join(root, `${outfile.replace(/\.exe$/, "")}.map`), { force: true });
    const { size } = await stat(join(root, outfile));
    console.log(`${outfile}  ${(size / 1e6).toFixed(1)} MB`);
    return true;
  } catch (error) {
    console.error(`${outfile}  failed:`, error);
    return false;
  }
}

const [option, ...rest] = Bun.argv.slice(2);
if (rest.length > 0 || (option !== undefined && option !== "--all")) {
  console.error("Usage: npm run build [-- --all]");
  process.exit(2);
}

await buildPage();

const failed: string[] = [];
if (option === "--all") {
  for (const target of targets) {
    const outfile = `dist/malten-${target}${target.startsWith("windows") ? ".exe" : ""}`;
    // Not in parallel: each build holds a whole runtime in memory.
    if (!(await build(outfile, `bun-${target}`))) failed.push(outfile);
  }
} else {
  const outfile = process.platform === "win32" ? "malten.exe" : "malten";
  if (!(await build(outfile))) failed.push(outfile);
}

if (failed.length > 0) {
  console.error(`Failed: ${failed.join(", ")}`);
  process.exit(1);
}
