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
    if (input.isTTY !== true || !output.isTerminal)
      throw new UsageError("chat needs a terminal. In scripts, use: malten tail, malten send");
    const name = args.value(NAME);
    const stream = usesLink(args, environment)
      ? (await openStream(args, session, true)).stream
      : (await connect(args.value(SERVER), signal)).malten.stream(streamName(args.first));
    // Loaded only when it is used, because that takes time.
    const { Conversation } = await import("../chat/conversation.ts");
    try {
      await new Conversation(stream, session).run(name);
    } finally {
      stream.close();
    }
    return EXIT.done;
  },
};
