// Builds the executable in a copy of the project, so that the tests leave the project unchanged.
import { cp, mkdtemp, readdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "..");

const NAME = process.platform === "win32" ? "malten.exe" : "malten";

/**
 * Builds the executable and returns its path, in a new directory inside `folder`.
 * @param edit changes the copy of the project before it is built
 */
export async function buildExecutable(
  folder: string,
  edit: (project: string) => Promise<unknown> = async () => {},
): Promise<string> {
  const built = await mkdtemp(join(folder, "build-"));
  const project = join(built, "project");
  for (const part of ["src", "web", "scripts", "package.json", "tsconfig.json"]) {
    await cp(join(ROOT, part), join(project, part), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(project, "node_modules"), "junction");
  await edit(project);
  const build = Bun.spawn([process.execPath, "scripts/build.ts"], {
    cwd: project,
    stdout: "ignore",
    stderr: "pipe",
  });
  const errors = await new Response(build.stderr).text();
  if ((await build.exited) !== 0) throw new Error(`The build failed: ${errors}`);
  const files = (await readdir(project)).filter((entry) => entry.startsWith("malten"));
  if (files.join() !== NAME) throw new Error(`The build left ${files.join(", ")}`);
  const executable = join(built, NAME);
  await rename(join(project, NAME), executable);
  await rm(project, { recursive: true });
  return executable;
}
