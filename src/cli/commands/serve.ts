import { once } from "node:events";
import type { Option } from "../../options/option.ts";
import type { OptionValues } from "../../options/resolve.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";

/** A server that accepts connections. */
export interface RunningServer {
  /** An address for people to open. */
  readonly url: URL;
  stop(): Promise<void>;
}

/** `malten serve`. How to start a server is passed in: this module does not import it. */
export function serveCommand(
  options: readonly Option<unknown>[],
  start: (values: OptionValues) => Promise<RunningServer>,
): Command {
  return {
    name: "serve",
    summary: "run the server (the default)",
    details: [
      "Serves streams over HTTP until it is stopped. Keeps everything in memory, writes",
      "nothing to disk.",
    ],
    arguments: [],
    options,
    async run(args, { output, signal, version }) {
      const server = await start(args);
      // Listens before the line is printed: its reader may send a signal at once.
      const stopped = once(signal, "abort");
      await output.line(`Malten ${version} listening on ${server.url.origin} (Ctrl-C to stop)`);
      if (!signal.aborted) await stopped;
      await server.stop();
      return EXIT.done;
    },
  };
}
