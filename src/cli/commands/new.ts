import { renderUnicodeCompact } from "uqr";
import { MaltenError, type CreateOptions, type Created, type Malten } from "../../client/index.ts";
import { duration, flag, optional, text } from "../../options/kinds.ts";
import { MAX_TTL } from "../../protocol/limits.ts";
import type { Links } from "../../client/encrypted/index.ts";
import { UsageError } from "../../options/errors.ts";
import type { Arguments, Command } from "../command.ts";
import { ENCRYPTED, LINK_FD } from "../link.ts";
import { linkOutput, type ShownLink } from "../link-output.ts";
import type { Session } from "../session.ts";
import { EXIT, Failure } from "../failure.ts";
import { json, plain, Plain } from "../plain.ts";
import { connect, SERVER, streamName } from "../server.ts";

/** Not `MALTEN_NAME`: that is the person's name in `malten tail`. */
const NAME = optional(
  text(
    { name: "name", value: "NAME", variable: "MALTEN_STREAM", help: "stream name (default: random)" },
    "a stream name",
  ),
);

const PRIVATE = flag({ name: "private", help: "do not list the stream; the link gives access" });

const TTL = optional(
  duration({ name: "ttl", value: "DURATION", help: "idle time-to-live, like 90, 15m, 2h" }, MAX_TTL),
);

const QR = flag({ name: "qr", help: "also show the link as a QR code" });

const AS_JSON = flag({ name: "json", help: "print JSON: link, name, private, ttl, owner" });

const ENCRYPT = flag({ ...ENCRYPTED, help: "create an encrypted stream" });

const LINKS_TO = { ...LINK_FD, help: "write its links to file descriptor N" };

/** `malten new` */
export const create: Command = {
  name: "new",
  summary: "create a stream, print its link and owner token",
  details: [
    "Creates a stream. Prints its link and, on a second line, its owner token as",
    "MALTEN_OWNER=…, which malten end reads.",
    "With --encrypted, shows links for its owner, its writers and its readers, which",
    "are keys: on the terminal, even if standard output is not one.",
  ],
  arguments: [],
  options: [SERVER, NAME, PRIVATE, TTL, QR, AS_JSON, ENCRYPT, LINKS_TO],
  async run(args, session) {
    if (args.value(ENCRYPT)) return createEncrypted(args, session);
    if (args.isFlag(LINKS_TO)) throw new UsageError("--link-fd requires --encrypted");
    return createPlain(args, session);
  },
};

async function createPlain(args: Arguments, { output, signal }: Session): Promise<number> {
  const given = args.value(NAME);
  const name = given === undefined ? undefined : streamName(given);
  if (name !== undefined && args.value(PRIVATE))
    throw new UsageError("--name cannot be used with --private: only a random name keeps others out");
  const options = { name, private: args.value(PRIVATE), ttl: args.value(TTL), signal };
  const [qr, asJson, server] = [args.value(QR), args.value(AS_JSON), args.value(SERVER)];
  const created = await createStream((await connect(server, signal)).malten, options);
  const link = linkTo(created.name, server);
  if (asJson) await output.line(json({ link, ...created }));
  else await output.line(plain`${link}\nMALTEN_OWNER=${created.owner}`);
  if (qr) await output.line(Plain.own(renderUnicodeCompact(link)));
  return EXIT.done;
}

/** Prints the name, which is not secret, on standard output if that is not a terminal. */
async function createEncrypted(args: Arguments, session: Session): Promise<number> {
  if (args.value(NAME) !== undefined)
    throw new UsageError("--name cannot be used with --encrypted: the name is computed from the keys");
  const [qr, asJson, ttl] = [args.value(QR), args.value(AS_JSON), args.value(TTL)];
  using shown = linkOutput(args.value(LINKS_TO), qr, session);
  const { output, signal } = session;
  const { malten } = await connect(args.value(SERVER), signal);
  const { create: createSealed } = await import("../../client/encrypted/index.ts");
  const stream = await createSealed(malten, { ttl, signal });
  const { name, links } = stream;
  stream.close();
  await shown.show(shownLinks(links), LINK_NOTE, qr ? links.writer : undefined);
  if (asJson) await output.line(json({ name, encrypted: true }));
  else if (!output.isTerminal) await output.line(plain`${name}`);
  return EXIT.done;
}

/** The links in the order in which people need them. */
function shownLinks({ owner = "", writer = "", reader }: Links): ShownLink[] {
  return [
    { label: "writer", purpose: "Link to share (to read and write)", link: writer },
    { label: "reader", purpose: "Link for readers only", link: reader },
    { label: "owner", purpose: "Your own link (also to delete the stream)", link: owner },
  ];
}

const LINK_NOTE = plain`Each link is a key: anyone who has it can read all messages. The server never sees the links,
and nobody can restore them.`;

/** Creates the stream. @throws Failure if the name is taken */
async function createStream(malten: Malten, options: CreateOptions): Promise<Created> {
  try {
    return await malten.create(options);
  } catch (error) {
    if (!(error instanceof MaltenError) || error.code !== "stream_exists") throw error;
    throw new Failure(`stream ${JSON.stringify(options.name)} already exists`, { cause: error });
  }
}

/** Returns the link to share, without the user name and password of `--server`. */
function linkTo(stream: string, server: URL): string {
  const link = new URL(`#${stream}`, server);
  link.username = "";
  link.password = "";
  return link.href;
}
