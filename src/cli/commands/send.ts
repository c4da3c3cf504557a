import type { ClientStream, Limits, SendOptions, Sent } from "../../client/index.ts";
import { flag } from "../../options/kinds.ts";
import { MAX_TEXT } from "../../protocol/limits.ts";
import { checkText } from "../../protocol/text.ts";
import type { Arguments, Command } from "../command.ts";
import { openStream } from "../encrypted.ts";
import { explain } from "../explain.ts";
import { EXIT, Failure } from "../failure.ts";
import { linesOf, TOO_LONG, type Line } from "../lines.ts";
import { ENCRYPTED, LINK_FD, usesLink } from "../link.ts";
import { personName } from "../person.ts";
import { PaceNotice } from "../pace-notice.ts";
import { plain } from "../plain.ts";
import { sendable } from "../sendable.ts";
import { connect, SERVER, streamName } from "../server.ts";
import { unlessStopped, type Session } from "../session.ts";
import { split } from "../split.ts";
import { Window } from "../window.ts";

/** Messages in flight: more than the SDK puts on a connection, so that the connection never waits for input. */
const IN_FLIGHT = 512;

/** How long one message on the command line may take, in milliseconds, also if the server asks to wait for longer. */
const PATIENCE = 30_000;

const SPLIT = flag({ name: "split", help: "split long lines into several messages" });

const NAME = personName("your name, shown with the message");

/** `malten send` */
export const send: Command = {
  name: "send",
  summary: "send a message, or each line of standard input",
  details: [
    "Sends TEXT as one message. Without TEXT, sends each line of standard input as it",
    "is read. Lines end with LF or CR LF; blank lines are skipped and counted.",
    `Stops at an invalid line: longer than ${MAX_TEXT} characters, or not UTF-8.`,
    "Control characters are sent as symbols, such as ␛ for ESC: the log view of the",
    "page shows the colours of programs.",
    "For an encrypted stream, leave out STREAM: its link is in MALTEN_LINK, or asked",
    "for with --encrypted.",
  ],
  arguments: [
    { name: "STREAM", impliedBy: usesLink },
    { name: "TEXT", optional: true, variadic: true },
  ],
  options: [SERVER, SPLIT, NAME, ENCRYPTED, LINK_FD],
  async run(args, session) {
    const longLines = args.value(SPLIT) ? "split" : "reject";
    const sender = await open(args, session);
    try {
      if (args.rest.length === 0) {
        await promptAtKeyboard(session);
        await sendLines(sender, linesOf(session.input, longLines));
      } else await sendText(sender, args.rest.join(" "), longLines);
    } finally {
      sender.stream.close();
    }
    return EXIT.done;
  },
};

/** Says what is waited for if somebody has to type it. */
async function promptAtKeyboard({ input, errors }: Session): Promise<void> {
  if (input.isTTY === true && errors.isTerminal)
    await errors.line(errors.dim(plain`type messages, one per line; Ctrl-D ends`));
}

interface Sender {
  readonly stream: Pick<ClientStream, "name" | "state" | "onState" | "close">;
  readonly publish: (text: string, options?: SendOptions) => Promise<Sent>;
  readonly limits: Limits;
  readonly session: Session;
}

async function open(args: Arguments, session: Session): Promise<Sender> {
  const name = args.value(NAME);
  const { stream, limits } = usesLink(args, session.environment)
    ? await openStream(args, session, args.rest.length === 0)
    : await openPlain(args, session);
  return { stream, limits, session, publish: (text, options) => stream.send(text, { ...options, name }) };
}

async function openPlain(
  args: Arguments,
  session: Session,
): Promise<{ readonly stream: ClientStream; readonly limits: Limits }> {
  const name = streamName(args.first);
  const { malten, limits } = await connect(args.value(SERVER), session.signal);
  return { stream: malten.stream(name), limits };
}

async function sendText(
  { stream, publish, limits, session }: Sender,
  text: string,
  longLines: "reject" | "split",
): Promise<void> {
  const pieces = split(sendable(text));
  if (pieces.length > 1 && longLines === "reject") throw new Failure(TOO_LONG);
  for (const piece of pieces) checkText(piece);
  let sent = 0;
  using _ = new PaceNotice(stream, limits, session, () => ({ sent, waiting: pieces.length - sent }));
  for (const piece of pieces) {
    await publish(piece, { signal: session.signal, timeout: PATIENCE });
    sent++;
  }
}

/** Sends the lines in order. @throws Failure with the number of the line that failed */
async function sendLines(
  { stream, publish, limits, session }: Sender,
  lines: AsyncIterable<Line>,
): Promise<void> {
  const { errors, signal } = session;
  const window = new Window(IN_FLIGHT);
  const rejection = Promise.withResolvers<never>();
  let sent = 0;
  let blank = 0;
  const notice = new PaceNotice(stream, limits, session, () => ({ sent, waiting: window.count }));

  const sendAll = async () => {
    try {
      for await (const line of lines) {
        if (line.text.trim() === "") {
          blank++;
          continue;
        }
        const text = sendable(line.text);
        check(text, line);
        await window.enter();
        const began = Date.now();
        publish(text, { signal })
          .then(() => {
            sent++;
            notice.accepted(Date.now() - began);
            window.leave();
          })
          .catch((error: unknown) => rejection.reject(at(line, error)));
      }
    } finally {
      // Lines before an invalid one are still sent.
      await window.empty();
    }
  };

  try {
    // The input may be idle when the server rejects a message.
    const done = unlessStopped(Promise.race([sendAll(), rejection.promise]), signal);
    await done.finally(() => notice[Symbol.dispose]());
  } catch (error) {
    const rest = window.count;
    // Some of them may be published: the server answers late when it limits sending.
    const unconfirmed = rest > 0 ? plain`, ${rest} more not confirmed` : "";
    await errors.line(plain`sent ${plural(sent, "message")}${unconfirmed}`);
    throw error;
  } finally {
    if (blank > 0) await errors.line(plain`skipped ${plural(blank, "blank line")}`);
  }
}

/** Checks a line before it is sent, so that no later line is sent either. @throws Failure */
function check(text: string, line: Line): void {
  try {
    checkText(text);
  } catch (error) {
    throw at(line, error);
  }
}

/** Adds the line number to an error. */
function at({ number }: Line, error: unknown): Failure {
  const { message, exitCode } = explain(error);
  return new Failure(`line ${number}: ${message}`, { exitCode, cause: error });
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
