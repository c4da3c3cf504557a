import { setTimeout } from "node:timers/promises";
import { MaltenError, type Listed, type Malten } from "../../client/index.ts";
import { UsageError } from "../../options/errors.ts";
import { flag } from "../../options/kinds.ts";
import { isNamePrefix } from "../../protocol/name.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import type { Output } from "../output.ts";
import { join, json, plain, type Plain } from "../plain.ts";
import { connect, SERVER } from "../server.ts";
import type { Session } from "../session.ts";
import { rows } from "../table.ts";

/** Polling interval of `--watch`, in milliseconds. */
const INTERVAL = 1000;

const WATCH = flag({ name: "watch", short: "w", help: "keep running and show changes" });

const AS_JSON = flag({ name: "json", help: "print one JSON object per line" });

/** `malten streams` */
export const streams: Command = {
  name: "streams",
  summary: "list public streams, newest first",
  details: [
    "Lists public streams, those whose names begin with PREFIX if given. In a pipe,",
    "prints tab-separated lines: name, listeners, time of the newest message, idle",
    "time-to-live in seconds. With --watch, prints a line when a stream changes, and",
    "its name alone when it is deleted or expires.",
  ],
  arguments: [{ name: "PREFIX", optional: true }],
  options: [SERVER, WATCH, AS_JSON],
  async run(args, session) {
    const prefix = args.first === "" ? undefined : args.first;
    if (prefix !== undefined && !isNamePrefix(prefix))
      throw new UsageError(`invalid PREFIX ${JSON.stringify(prefix)}: use the beginning of a stream name`);
    const watch = args.value(WATCH);
    const show = view(args.value(AS_JSON), watch, session.output);
    const { malten } = await connect(args.value(SERVER), session.signal);
    await show(await malten.list({ prefix, signal: session.signal }));
    if (!watch) return EXIT.done;
    for (;;) {
      await setTimeout(INTERVAL, undefined, { signal: session.signal });
      const listed = await listIfReachable(malten, prefix, session);
      if (listed !== undefined) await show(listed);
    }
  },
};

/** Lists the streams; undefined while the server is unreachable. */
async function listIfReachable(
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

/** Prints a list of streams. Called again, it prints what changed or redraws the list. */
type View = (listed: readonly Listed[]) => Promise<void>;

function view(asJson: boolean, watch: boolean, output: Output): View {
  if (asJson) return changes(output, json, (name) => json({ name, gone: true }));
  if (!output.isTerminal) return changes(output, tabbed, (name) => plain`${name}`);
  let shown = 0;
  return async (listed) => {
    const lines = rows(listed, new Date(), output.columns);
    // Lines that scroll off the screen cannot be redrawn.
    const max = watch ? output.rows - 2 : Infinity;
    const fitting = lines.length > max ? [...lines.slice(0, max), plain`${lines.length - max} more`] : lines;
    const [head, ...body] = fitting;
    // CUU and ED, ECMA-48 §8.3.22 and §8.3.39: move up to the first line of the previous list and erase below.
    const erase = shown === 0 ? "" : plain`\u001b[${shown}A\u001b[J`;
    await output.write(plain`${erase}${join([output.dim(head ?? plain``), ...body], "\n")}\n`);
    shown = fitting.length;
  };
}

/** Returns a view that prints a line for each stream that is new, changed or gone. */
function changes(output: Output, line: (stream: Listed) => Plain, gone: (name: string) => Plain): View {
  let known = new Map<string, Plain>();
  return async (listed) => {
    const now = new Map(listed.map((stream) => [stream.name, line(stream)]));
    for (const name of known.keys()) if (!now.has(name)) await output.line(gone(name));
    for (const [name, text] of now) if (known.get(name)?.text !== text.text) await output.line(text);
    known = now;
  };
}

function tabbed({ name, observers, updated, ttl }: Listed): Plain {
  return plain`${name}\t${observers}\t${updated.toISOString()}\t${ttl}`;
}
