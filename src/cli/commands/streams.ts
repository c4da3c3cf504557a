import { setTimeout } from "node:timers/promises";
import { MaltenError, type Listed, type Malten } from "../../client/index.ts";
import { isNamePrefix } from "../../protocol/name.ts";
import type { Command } from "../command.ts";
import { EXIT, UsageError } from "../failure.ts";
import { flag } from "../option.ts";
import type { Output } from "../output.ts";
import { json, visible } from "../plain.ts";
import { reach, SERVER } from "../server.ts";
import type { Session } from "../session.ts";
import { rows } from "../table.ts";

/** How often a watcher asks, in milliseconds. */
const INTERVAL = 1000;

const WATCH = flag({ name: "watch", short: "w", help: "go on until it is stopped, and show what changes" });

const AS_JSON = flag({ name: "json", help: "a line of JSON for each stream" });

/** `malten streams` */
export const streams: Command = {
  name: "streams",
  summary: "list public streams, those with news first",
  details: [
    "Lists the public streams whose names begin with PREFIX. In a pipe, a line each:",
    "name, listeners, time of the newest message, lifetime in seconds, between tabs.",
    "With --watch, each again when it changes, and its name alone when it is gone.",
  ],
  arguments: [{ name: "PREFIX", optional: true }],
  options: [SERVER, WATCH, AS_JSON],
  async run(args, session) {
    const prefix = args.first === "" ? undefined : args.first;
    if (prefix !== undefined && !isNamePrefix(prefix))
      throw new UsageError(`PREFIX is the beginning of a stream's name, not ${prefix}`);
    const watch = args.value(WATCH);
    const show = view(args.value(AS_JSON), watch, session.output);
    const malten = await reach(args.value(SERVER), session.signal);
    await show(await malten.list({ prefix, signal: session.signal }));
    if (!watch) return EXIT.done;
    for (;;) {
      await setTimeout(INTERVAL, undefined, { signal: session.signal });
      const listed = await listIfThere(malten, prefix, session);
      if (listed !== undefined) await show(listed);
    }
  },
};

/** Undefined while the server is away: a watcher waits for it. */
async function listIfThere(
  malten: Malten,
  prefix: string | undefined,
  { signal }: Session,
): Promise<Listed[] | undefined> {
  try {
    return await malten.list({ prefix, signal });
  } catch (error) {
    if (error instanceof MaltenError && error.transient) return undefined;
    throw error;
  }
}

/** Shows a list, and the next one in its place, or what changed since. */
type View = (listed: readonly Listed[]) => Promise<void>;

function view(asJson: boolean, watch: boolean, output: Output): View {
  if (asJson) return changes(output, json, (name) => json({ name, gone: true }));
  if (!output.isTerminal) return changes(output, tabbed, visible);
  let shown = 0;
  return async (listed) => {
    const lines = rows(listed, new Date(), output.columns);
    // What is drawn again has to stay on the screen.
    const most = watch ? output.rows - 2 : Infinity;
    const fitting = lines.length > most ? [...lines.slice(0, most), `${lines.length - most} more`] : lines;
    const [head = "", ...body] = fitting;
    // CUU and ED, ECMA-48 §8.3.22 and §8.3.39: back to the first line of the list before, and all below it away.
    const back = shown === 0 ? "" : `\u001b[${shown}A\u001b[J`;
    await output.write(`${back}${[output.dim(head), ...body].join("\n")}\n`);
    shown = fitting.length;
  };
}

function changes(output: Output, line: (stream: Listed) => string, gone: (name: string) => string): View {
  let known = new Map<string, string>();
  return async (listed) => {
    const now = new Map(listed.map((stream) => [stream.name, line(stream)]));
    for (const name of known.keys()) if (!now.has(name)) await output.line(gone(name));
    for (const [name, text] of now) if (known.get(name) !== text) await output.line(text);
    known = now;
  };
}

function tabbed({ name, observers, updated, ttl }: Listed): string {
  return visible([name, observers, updated.toISOString(), ttl].join("\t"));
}
