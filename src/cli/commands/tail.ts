import type { Stream } from "../../client/index.ts";
import { checkPerson, STATUSES } from "../../protocol/presence.ts";
import type { Command } from "../command.ts";
import { EXIT, UsageError } from "../failure.ts";
import { choice, flag, optional, parseDuration, type Option } from "../option.ts";
import { printer } from "../print.ts";
import { reach, SERVER, streamName } from "../server.ts";
import type { Session } from "../session.ts";

const JSON_LINES = flag({ name: "json", help: "a line of JSON for each message and event" });

/** A cursor of the stream, or a time of this machine. */
const SINCE: Option<string | undefined> = {
  name: "since",
  value: "WHEN",
  help: "earliest, a cursor, or a time ago like 5m",
  read(given) {
    if (given === undefined || given === "earliest" || /^[0-9]{16,20}$/.test(given)) return given;
    const seconds = parseDuration(given);
    if (seconds !== undefined) return `${Date.now() - seconds * 1000}000000`;
    throw new UsageError(`--since is earliest, a cursor, or a time ago like 5m, not ${given}`);
  },
};

const NAME: Option<string | undefined> = {
  name: "name",
  value: "NAME",
  help: "be seen by this name while listening",
  read(given) {
    try {
      return given === undefined ? undefined : checkPerson(given);
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : "", { cause: error });
    }
  },
};

const STATUS = optional(choice({ name: "status", help: "be seen as this while listening" }, STATUSES));

/** `malten tail` */
export const tail: Command = {
  name: "tail",
  summary: "print what comes, and go on until it is stopped",
  details: [
    "Prints the messages of a stream as they come, also after the server was away.",
    "What is missing is said on the standard error, or as a record with --json.",
  ],
  arguments: [{ name: "STREAM" }],
  options: [SERVER, SINCE, JSON_LINES, NAME, STATUS],
  async run(args, session) {
    const name = streamName(args.first);
    const options = { since: args.value(SINCE), name: args.value(NAME), status: args.value(STATUS) };
    if (options.status !== undefined && options.name === undefined)
      throw new UsageError("--status is of somebody with a --name");
    const print = printer(args.value(JSON_LINES), session);
    const malten = await reach(args.value(SERVER), session.signal);
    const stream = malten.stream(name);
    const unwatch = sayState(stream, session);
    try {
      await sayEmpty(stream, session);
      for await (const event of stream.events({ ...options, signal: session.signal })) await print(event);
    } finally {
      unwatch();
      stream.close();
    }
    session.signal.throwIfAborted();
    return EXIT.done;
  },
};

/** Someone at a terminal who mistyped a name, or came too late, is told so. */
async function sayEmpty(stream: Stream, { errors, signal }: Session): Promise<void> {
  if (!errors.isTerminal) return;
  for await (const _ of stream.read({ limit: 1, signal })) return;
  await errors.line(
    errors.dim(`Stream ${stream.name} expired, never existed or is new: waiting for messages`),
  );
}

/** Someone at a terminal is told when the server is away, and when it is back. */
function sayState(stream: Stream, { errors }: Session): () => void {
  if (!errors.isTerminal) return () => {};
  let away = false;
  return stream.onState((state) => {
    if (state.kind === "reconnecting" && !away)
      void errors.line(errors.dim(`${state.error.message}; trying again`));
    else if (state.kind === "live" && away) void errors.line(errors.dim("Connected again"));
    if (state.kind !== "connecting") away = state.kind === "reconnecting";
  });
}
