import { once } from "node:events";
import type { Option } from "../../options/option.ts";
import type { OptionValues } from "../../options/resolve.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { plain } from "../plain.ts";

/** A server that accepts connections. */
export interface RunningServer {
  /** The address to print for the user. */
  readonly url: URL;
  /** Lines to print below the address. */
  readonly notes: readonly string[];
  stop(): Promise<void>;
  /** Logs an unexpected error of the part of the server that `where` names. */
  logError(where: string, error: unknown): void;
}

/** `malten serve`. `start` is passed in, because this module must not import the server. */
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
      // Before the line is printed: its reader may send a signal immediately.
      const stopped = once(signal, "abort");
      await output.line(plain`Malten ${version} listening on ${server.url.origin} (Ctrl-C to stop)`);
      for (const note of server.notes) await output.line(plain`${note}`);
      if (!signal.aborted) await stopped;
      try {
        await server.stop();
      } catch (error) {
        // Not thrown: what is thrown after the signal counts as a consequence of it.
        server.logError("shutdown", error);
        return EXIT.failed;
      }
      return EXIT.done;
    },
  };
}
