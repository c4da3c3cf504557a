import type { EncryptedStream } from "../../client/encrypted/index.ts";
import type { ClientStream } from "../../client/index.ts";
import { parseDuration } from "../../options/duration.ts";
import { InvalidValue, UsageError } from "../../options/errors.ts";
import { choice, flag, optional } from "../../options/kinds.ts";
import type { Option } from "../../options/option.ts";
import { STATUSES } from "../../protocol/presence.ts";
import type { Arguments, Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { openStream } from "../encrypted.ts";
import { ENCRYPTED, LINK_FD, usesLink } from "../link.ts";
import { personName } from "../person.ts";
import { plain } from "../plain.ts";
import { printer } from "../print.ts";
import { connect, SERVER, streamName } from "../server.ts";
import type { Session } from "../session.ts";

/** `1795363701902393000-k3v9x2mq`: nanoseconds since 1970 and a server id, by default that of the server in use. */
const CURSOR = /^([0-9]{16,20}|[0-9]{1,20}-[A-Za-z0-9]{1,32})$/;

const JSON_LINES = flag({ name: "json", help: "print one JSON object per line" });

/** A position in the stream. Durations are measured by the local clock. */
const SINCE: Option<string | undefined> = {
  name: "since",
  value: "WHEN",
  help: "start at earliest, a cursor or a duration like 5m",
  read(given) {
    if (given === undefined || given === "earliest" || CURSOR.test(given)) return given;
    const seconds = parseDuration(given);
    if (seconds !== undefined) return `${Date.now() - seconds * 1000}000000`;
    throw new InvalidValue("earliest, a cursor or a duration like 5m");
  },
};

const NAME = personName("appear under this name in the presence list");

const STATUS = optional(
  choice({ name: "status", help: "status shown with the name (requires --name)" }, STATUSES),
);

/** `malten tail` */
export const tail: Command = {
  name: "tail",
  summary: "follow new messages",
  details: [
    "Prints messages as they arrive, and reconnects when the connection is lost.",
    "Reports missing messages on standard error, or as a record with --json.",
    "For an encrypted stream, leave out STREAM: its link is in MALTEN_LINK, or asked",
    "for with --encrypted.",
  ],
  arguments: [{ name: "STREAM", impliedBy: usesLink }],
  options: [SERVER, SINCE, JSON_LINES, NAME, STATUS, ENCRYPTED, LINK_FD],
  async run(args, session) {
    const options = { since: args.value(SINCE), name: args.value(NAME), status: args.value(STATUS) };
    if (options.status !== undefined && options.name === undefined)
      throw new UsageError("--status requires --name");
    const print = printer(args.value(JSON_LINES), session);
    const stream = await open(args, session);
    const unsubscribe = reportState(stream, session);
    try {
      await reportEmpty(stream, session);
      for await (const event of stream.events({ ...options, signal: session.signal })) await print(event);
    } finally {
      unsubscribe();
      stream.close();
    }
    session.signal.throwIfAborted();
    return EXIT.done;
  },
};

async function open(args: Arguments, session: Session): Promise<ClientStream | EncryptedStream> {
  if (usesLink(args, session.environment)) return (await openStream(args, session)).stream;
  const name = streamName(args.first);
  const { malten } = await connect(args.value(SERVER), session.signal);
  return malten.stream(name);
}

/** On a terminal, reports that the stream is empty: it has expired, or its name is mistyped. */
async function reportEmpty(
  stream: ClientStream | EncryptedStream,
  { errors, signal }: Session,
): Promise<void> {
  if (!errors.isTerminal) return;
  for await (const _ of stream.read({ limit: 1, signal })) return;
  await errors.line(
    errors.dim(plain`stream "${stream.name}" expired or never existed; waiting for new messages`),
  );
}

/** On a terminal, reports when the connection is lost and restored. Returns a function that stops it. */
function reportState(stream: Pick<ClientStream, "onState">, { errors }: Session): () => void {
  if (!errors.isTerminal) return () => {};
  let lost = false;
  return stream.onState((state) => {
    if (state.kind === "reconnecting" && !lost)
      void errors.line(errors.dim(plain`connection lost, reconnecting…`));
    else if (state.kind === "live" && lost) void errors.line(errors.dim(plain`reconnected`));
    if (state.kind !== "connecting") lost = state.kind === "reconnecting";
  });
}
