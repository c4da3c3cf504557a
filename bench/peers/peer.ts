import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launchOn, type Server } from "../servers/server.ts";

/**
 * Starts a server with a configuration of this folder, in which @PORT@ and @DIRECTORY@ are replaced, in a temporary folder
 * that goes with it.
 */
export async function launchPeer(
  configuration: string,
  command: (path: string, directory: string) => readonly string[],
): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "malten-bench-"));
  // Some drop root's rights and must still be able to look into it.
  chmodSync(directory, 0o755);
  const remove = () => {
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const port = freePort();
    const path = join(directory, configuration);
    const text = readFileSync(join(import.meta.dir, configuration), "utf8");
    writeFileSync(path, text.replaceAll("@PORT@", String(port)).replaceAll("@DIRECTORY@", directory));
    const server = await launchOn(port, command(path, directory));
    return { ...server, stop: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
