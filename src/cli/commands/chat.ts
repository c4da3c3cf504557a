import type { ClientStream, Limits } from "../../client/index.ts";
import type { Command } from "../command.ts";
import { openStream } from "../encrypted.ts";
import { UsageError } from "../../options/errors.ts";
import { EXIT } from "../failure.ts";
import { ENCRYPTED, LINK_FD, usesLink } from "../link.ts";
import { personName } from "../person.ts";
import { connect, SERVER, streamName } from "../server.ts";

const NAME = personName("your name, shown with your messages; asked for by default");

/** `malten chat` */
export const chat: Command = {
  name: "chat",
  summary: "read and write on one terminal",
  details: [
    "Shows what is said in STREAM, who is here and who is typing, while you type.",
    "Enter sends, Alt+Enter begins a new line; pasted lines are one message.",
    "/who, /name NAME, /quit and /help are commands; a text that begins with / is",
    "sent with //. Ctrl-D or Ctrl-C leaves.",
    "For an encrypted stream, leave out STREAM: its link is in MALTEN_LINK, or asked",
    "for with --encrypted.",
  ],
  arguments: [{ name: "STREAM", impliedBy: usesLink }],
  options: [SERVER, NAME, ENCRYPTED, LINK_FD],
  async run(args, session) {
    const { input, output, environment, signal } = session;
    if (input.isTTY !== true || !output.canDraw)
      throw new UsageError(
        "chat needs a terminal that can move the cursor. In scripts, use: malten tail, malten send",
      );
    const name = args.value(NAME);
    const opened = usesLink(args, environment)
      ? await openStream(args, session, true)
      : await openPlain(streamName(args.first), args.value(SERVER), signal);
    // Loaded only when it is used, because that takes time.
    const { Conversation } = await import("../chat/conversation.ts");
    try {
      await new Conversation(opened, session).run(name);
    } finally {
      opened.stream.close();
    }
    return EXIT.done;
  },
};

async function openPlain(
  name: string,
  server: URL,
  signal: AbortSignal,
): Promise<{ stream: ClientStream; limits: Limits }> {
  const { malten, limits } = await connect(server, signal);
  return { stream: malten.stream(name), limits };
}
