import { Malten, MaltenError } from "../client/index.ts";
import { checkName } from "../protocol/name.ts";
import { Unreachable, UsageError } from "./failure.ts";
import type { Option } from "./option.ts";

/** Which server a command talks to. */
export const SERVER: Option<URL> = {
  name: "server",
  value: "URL",
  help: "the server to talk to",
  preset: "http://localhost:9090",
  read(given = "") {
    const url = URL.parse(given.includes("://") ? given : `http://${given}`);
    if (url?.protocol === "http:" || url?.protocol === "https:") return url;
    throw new UsageError(`--server is an address like http://localhost:9090, not ${given}`);
  },
};

/** The server, once it has answered. @throws Unreachable where none does */
export async function reach(url: URL, signal: AbortSignal): Promise<Malten> {
  const malten = new Malten(url);
  try {
    await malten.limits(signal);
  } catch (error) {
    if (error instanceof MaltenError && error.code === "bad_response")
      throw new Unreachable(`What answers at ${url.origin} is not a Malten server`, { cause: error });
    if (error instanceof MaltenError && error.transient)
      throw new Unreachable(`Cannot reach ${url.origin}: is it running? Start it with: malten`, {
        cause: error,
      });
    throw error;
  }
  return malten;
}

/** @throws UsageError for what cannot be a stream's name */
export function streamName(given: string): string {
  try {
    return checkName(given);
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ""}, not ${given}`, { cause: error });
  }
}
