import { renderUnicodeCompact } from "uqr";
import { MAX_TTL } from "../../protocol/limits.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../failure.ts";
import { duration, flag, optional, text } from "../option.ts";
import { json, visible } from "../plain.ts";
import { reach, SERVER, streamName } from "../server.ts";

/** `MALTEN_NAME` is a person's: it must not name streams. */
const NAME = optional(
  text(
    { name: "name", value: "NAME", variable: "MALTEN_STREAM", help: "its name; a random one unless given" },
    "the name of a stream",
  ),
);

const PRIVATE = flag({ name: "private", help: "never list it; who has the link can read and write" });

const TTL = optional(
  duration({ name: "ttl", value: "TIME", help: "its life without a message, like 90, 15m, 2h" }, MAX_TTL),
);

const QR = flag({ name: "qr", help: "show the link as a QR code, too" });

const AS_JSON = flag({ name: "json", help: "a line of JSON: link, name, private, ttl, owner" });

/** `malten new` */
export const create: Command = {
  name: "new",
  summary: "create a stream; print its link and owner token",
  details: [
    "Creates a stream. Prints its link and, on a line of its own, the owner token as",
    "the variable from which malten end takes it.",
  ],
  arguments: [],
  options: [SERVER, NAME, PRIVATE, TTL, QR, AS_JSON],
  async run(args, { output, signal }) {
    const given = args.value(NAME);
    const name = given === undefined ? undefined : streamName(given);
    const options = { name, private: args.value(PRIVATE), ttl: args.value(TTL), signal };
    const [qr, asJson, server] = [args.value(QR), args.value(AS_JSON), args.value(SERVER)];
    const created = await (await reach(server, signal)).create(options);
    const link = linkTo(created.name, server);
    if (asJson) await output.line(json({ link, ...created }));
    else await output.line(visible(`${link}\nMALTEN_OWNER=${created.owner}`));
    if (qr) await output.line(renderUnicodeCompact(link));
    return EXIT.done;
  },
};

/** For others: without the name and password by which its maker passes a proxy. */
function linkTo(stream: string, server: URL): string {
  const link = new URL(`#${stream}`, server);
  link.username = "";
  link.password = "";
  return link.href;
}
