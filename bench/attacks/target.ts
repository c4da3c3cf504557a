import { join } from "node:path";
import { launchAndReadPort, type Server } from "../servers/server.ts";

const main = join(import.meta.dir, "..", "..", "src", "main.ts");

const LOOPBACK = "127.0.0.1";

/**
 * Starts a server with its default limits, which believes the harness which client a request comes from.
 * @param host another address of this machine that the harness uses
 */
export function startTarget(
  executable: string | undefined,
  options: readonly string[],
  host = LOOPBACK,
): Promise<Server> {
  const program = executable === undefined ? [process.execPath, main] : [executable];
  // As a variable, which earlier versions ignore.
  const variables = ["env", `MALTEN_TRUST_PROXY=${host}/32`];
  const address = ["--host", host === LOOPBACK ? host : "0.0.0.0", "--port", "0"];
  return launchAndReadPort([...variables, ...program, "serve", ...address, ...options]);
}
