import { renderUnicodeCompact } from "uqr";
import { MaltenError, type CreateOptions, type Created, type Malten } from "../../client/index.ts";
import { duration, flag, optional, text } from "../../options/kinds.ts";
import { MAX_TTL } from "../../protocol/limits.ts";
import type { Command } from "../command.ts";
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

/** `malten new` */
export const create: Command = {
  name: "new",
  summary: "create a stream, print its link and owner token",
  details: [
    "Creates a stream. Prints its link and, on a second line, its owner token as",
    "MALTEN_OWNER=…, which malten end reads.",
  ],
  arguments: [],
  options: [SERVER, NAME, PRIVATE, TTL, QR, AS_JSON],
  async run(args, { output, signal }) {
    const given = args.value(NAME);
    const name = given === undefined ? undefined : streamName(given);
    const options = { name, private: args.value(PRIVATE), ttl: args.value(TTL), signal };
    const [qr, asJson, server] = [args.value(QR), args.value(AS_JSON), args.value(SERVER)];
    const created = await createStream((await connect(server, signal)).malten, options);
    const link = linkTo(created.name, server);
    if (asJson) await output.line(json({ link, ...created }));
    else await output.line(plain`${link}\nMALTEN_OWNER=${created.owner}`);
    if (qr) await output.line(Plain.own(renderUnicodeCompact(link)));
    return EXIT.done;
  },
};

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
