import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, launchOnPort, type Server } from "../servers/server.ts";

/**
 * Starts a server with a configuration file from this directory. @PORT@ and @DIRECTORY@ in it are replaced; the directory is
 * temporary and removed when the server stops.
 */
export async function launchPeer(
  configuration: string,
  command: (path: string, directory: string) => readonly string[],
): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "malten-bench-"));
  // Servers that drop root privileges must still be able to read it.
  chmodSync(directory, 0o755);
  const remove = () => {
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const port = freePort();
    const path = join(directory, configuration);
    const text = readFileSync(join(import.meta.dir, configuration), "utf8");
    writeFileSync(path, text.replaceAll("@PORT@", String(port)).replaceAll("@DIRECTORY@", directory));
    const server = await launchOnPort(port, command(path, directory));
    return { ...server, stop: () => server.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}
