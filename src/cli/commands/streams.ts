import { setTimeout } from "node:timers/promises";
import { MaltenError, type Listed, type Malten } from "../../client/index.ts";
import { UsageError } from "../../options/errors.ts";
import { flag } from "../../options/kinds.ts";
import { isNamePrefix } from "../../protocol/name.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { FullScreen } from "../full-screen.ts";
import { join, json, plain, type Plain } from "../plain.ts";
import { connect, SERVER } from "../server.ts";
import type { Session } from "../session.ts";
import { table } from "../table.ts";

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
    "time-to-live in seconds. With --watch, shows a live table (q quits); in a pipe,",
    "prints a line when a stream changes, and its name alone when it is deleted or",
    "expires.",
  ],
  arguments: [{ name: "PREFIX", optional: true }],
  options: [SERVER, WATCH, AS_JSON],
  async run(args, session) {
    const prefix = args.first === "" ? undefined : args.first;
    if (prefix !== undefined && !isNamePrefix(prefix))
      throw new UsageError(`invalid PREFIX ${JSON.stringify(prefix)}: use the beginning of a stream name`);
    const [watch, asJson] = [args.value(WATCH), args.value(AS_JSON)];
    const { malten } = await connect(args.value(SERVER), session.signal);
    const listed = await malten.list({ prefix, signal: session.signal });
    const list = () => listIfReachable(malten, prefix, session);
    const { output } = session;
    if (watch && !asJson && output.canDraw) await watchOnScreen(listed, list, session);
    else if (!asJson && output.isTerminal && !watch)
      await output.line(join(table(listed, new Date(), output), "\n"));
    else await printChanges(listed, watch ? list : undefined, asJson, session);
    return EXIT.done;
  },
};

type List = () => Promise<Listed[] | undefined>;

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

/** Shows a table that is drawn again every second, until the user quits. */
async function watchOnScreen(first: Listed[], list: List, session: Session): Promise<void> {
  const { output, signal } = session;
  let listed = first;
  let isReachable = true;
  using screen = new FullScreen(session, () => {
    const rows = table(listed, new Date(), output);
    const shown = rows.slice(0, Math.max(output.rows - 1, 1));
    const hidden = rows.length - shown.length;
    const notes = [
      ...(hidden > 0 ? [`${hidden} more`] : []),
      ...(isReachable ? [] : ["server unreachable, trying again"]),
    ];
    const note = [...notes, "q quits"].join(" · ");
    return [...shown, isReachable ? output.dim(plain`${note}`) : output.warning(plain`${note}`)];
  });
  const refresh = async () => {
    for (;;) {
      await screen.update();
      await setTimeout(INTERVAL, undefined, { signal });
      const now = await list();
      isReachable = now !== undefined;
      listed = now ?? listed;
    }
  };
  await Promise.race([refresh(), screen.quit]);
}

/** Prints the streams, then a line for each that is new, changed or gone. */
async function printChanges(
  first: Listed[],
  list: List | undefined,
  asJson: boolean,
  { output, signal }: Session,
): Promise<void> {
  const line = asJson ? json : tabbed;
  let known = new Map<string, Plain>();
  for (let listed: Listed[] | undefined = first; ;) {
    if (listed !== undefined) {
      const now = new Map(listed.map((stream) => [stream.name, line(stream)]));
      for (const name of known.keys())
        if (!now.has(name)) await output.line(asJson ? json({ name, gone: true }) : plain`${name}`);
      for (const [name, text] of now) if (known.get(name)?.text !== text.text) await output.line(text);
      known = now;
    }
    if (list === undefined) return;
    await setTimeout(INTERVAL, undefined, { signal });
    listed = await list();
  }
}

function tabbed({ name, observers, updated, ttl }: Listed): Plain {
  return plain`${name}\t${observers}\t${updated.toISOString()}\t${ttl}`;
}
