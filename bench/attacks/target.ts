import { join } from "node:path";
import { launchAndReadPort, type Server } from "../servers/server.ts";

const main = join(import.meta.dir, "..", "..", "src", "main.ts");

/** Starts a server with its default limits, which believes the harness which client a request comes from. */
export function startTarget(executable: string | undefined, options: readonly string[]): Promise<Server> {
  const program = executable === undefined ? [process.execPath, main] : [executable];
  // As a variable, which earlier versions ignore.
  const variables = ["env", "MALTEN_TRUST_PROXY=127.0.0.1/32"];
  const address = ["--host", "127.0.0.1", "--port", "0"];
  return launchAndReadPort([...variables, ...program, "serve", ...address, ...options]);
}
