// What a browser keeps in its profile on disk.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import type { Rig } from "./suite.ts";

/** Uses a browser that has a new profile on disk, and returns the files in it with a text that is looked for. */
export async function filesWith(
  isFound: (text: string) => boolean,
  rig: Rig,
  use: (context: BrowserContext) => Promise<void>,
): Promise<string[]> {
  const profile = mkdtempSync(join(tmpdir(), "malten-profile-"));
  try {
    const context = await rig.openProfile(profile);
    await use(context);
    await context.close();
    const files = [...new Bun.Glob("**/*").scanSync({ cwd: profile, dot: true })];
    return files.filter((file) => readings(readFileSync(join(profile, file))).some(isFound));
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

/** UTF-16 may begin at an odd offset. Latin-1 shows ASCII in UTF-8 as it is. */
function readings(bytes: Buffer): string[] {
  return [bytes.toString("latin1"), bytes.toString("utf16le"), bytes.subarray(1).toString("utf16le")];
}
