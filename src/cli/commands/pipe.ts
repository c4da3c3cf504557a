import type { Pipe } from "../../client/encrypted/index.ts";
import { UsageError } from "../../options/errors.ts";
import { flag } from "../../options/kinds.ts";
import type { Arguments, Command } from "../command.ts";
import { connectTo } from "../encrypted.ts";
import { EXIT, Failure } from "../failure.ts";
import { LINK_FD, readLink } from "../link.ts";
import { linkOutput } from "../link-output.ts";
import { Carrier } from "../pipe/carrier.ts";
import { Watch } from "../pipe/watch.ts";
import { plain, type Plain } from "../plain.ts";
import { ProgressLine } from "../progress-line.ts";
import { connect, SERVER } from "../server.ts";
import { unlessLate, unlessStopped, type Session } from "../session.ts";
import type { Terminal } from "../terminal.ts";

/** How long an end that joins waits for the one that opened the pipe, in milliseconds. It answers by itself. */
const ANSWER_TIME = 120_000;

/** What holds the pipe up, by its state. */
const NOTES: Readonly<Record<string, string>> = {
  reconnecting: "connection lost, reconnecting…",
  throttled: "limited by the server",
};

const NEW = flag({ name: "new", help: "open a pipe, without asking for a link to join" });

const VERIFY = flag({ name: "verify", help: "ask whether the words are the same before anything is sent" });

const QR = flag({ name: "qr", help: "also show the link as a QR code" });

const FD = { ...LINK_FD, help: "read the link from file descriptor N; with --new, write it" };

/** `malten pipe` */
export const pipeCommand: Command = {
  name: "pipe",
  summary: "pipe bytes or lines to another machine, encrypted",
  details: [
    "Opens a pipe and shows its link, which works once, or joins a pipe by its link.",
    "Then standard input goes to the other end, and what comes from there to standard",
    "output; on a terminal, line by line. Both ends show six words: compare them by",
    "voice to know that nobody is in between. Asks for the link to join, if it is not",
    "in MALTEN_LINK.",
    "  here   tar c dir | malten pipe --new",
    "  there  malten pipe | tar x",
    `Exits with ${EXIT.linkUsed} if someone else used the link.`,
  ],
  arguments: [],
  options: [SERVER, NEW, QR, VERIFY, FD],
  async run(args, session) {
    using terminal = session.terminal();
    if (args.value(VERIFY) && terminal === undefined) throw new UsageError("--verify requires a terminal");
    const pipe = await begin(args, session);
    const carrier = new Carrier(pipe, session, () => performance.now());
    try {
      const code = await unlessStopped(
        converse({ pipe, carrier, session, terminal, verify: args.value(VERIFY) }),
        session.signal,
      );
      await pipe.end();
      return code;
    } catch (error) {
      // Not ended: the other end must not take what it has for everything. A second Ctrl-C does not wait for this.
      const reason = session.signal.aborted ? "The other end was interrupted" : "The other end failed";
      await carrier.abort(reason).catch(() => {});
      throw error;
    }
  },
};

/** Opens a pipe, or joins one if the user has a link. */
async function begin(args: Arguments, session: Session): Promise<Pipe> {
  const link = args.value(NEW) ? "" : await askLink(args, session);
  const { pipe } = await import("../../client/encrypted/index.ts");
  if (link !== "") {
    const { malten } = await connectTo(link, "pipe", args, session);
    if (session.errors.isTerminal) await session.errors.line(session.errors.dim(plain`Joining…`));
    return pipe.join(link, { malten });
  }
  const qr = args.value(QR);
  using shown = linkOutput(args.value(NEW) ? args.value(FD) : undefined, qr, session);
  const { malten } = await connect(args.value(SERVER), session.signal);
  const opened = await pipe.create(malten, { signal: session.signal });
  const { link: own = "" } = opened;
  const purpose = "Link for the other end. It works once";
  await shown.show(
    [{ label: "pipe", purpose, link: own }],
    plain`Waiting for the other end…`,
    qr ? own : undefined,
  );
  return opened;
}

/** Returns "" to open a pipe. */
function askLink(args: Arguments, session: Session): Promise<string> {
  const question = plain`Link of a pipe to join (not shown; Enter opens a pipe): `;
  return readLink(args, session, { question, needsInput: true });
}

interface Conversation {
  readonly pipe: Pipe;
  readonly carrier: Carrier;
  readonly session: Session;
  readonly terminal: Terminal | undefined;
  readonly verify: boolean;
}

/** Returns the exit code when everything is sent and received. */
async function converse({ pipe, carrier, session, terminal, verify }: Conversation): Promise<number> {
  const { input, output, errors } = session;
  const isChat = input.isTTY === true && output.isTerminal;
  const directions = [
    { verb: "sent", meter: carrier.sent },
    { verb: "received", meter: carrier.received },
  ];
  await using progress = new ProgressLine(errors, !isChat, directions, () => NOTES[pipe.state.kind] ?? "");
  /** Words are for people: where standard error is a file, they are on the terminal. */
  const tell = (text: Plain) =>
    errors.isTerminal || terminal === undefined
      ? progress.line(text)
      : terminal.output.line(text).catch(() => {});
  using watch = new Watch(pipe, {
    warn: (text) => progress.line(text),
    async rekeyed(words) {
      await tell(plain`The other end joined anew, with other words:\n\n  ${words.join(" ")}\n`);
      if (verify) await carrier.abort("The other end does not accept new words");
    },
  });
  await (pipe.link === undefined
    ? unlessLate(pipe.joined, ANSWER_TIME, "nobody answers: the pipe has expired, or its other end is gone")
    : pipe.joined);
  await tell(plain`Connected. Both ends have these words:\n\n  ${pipe.words.join(" ")}\n`);
  if (verify && terminal !== undefined && !(await areConfirmed(terminal))) {
    await carrier.abort("The other end did not confirm the words");
    throw new Failure("the words were not confirmed: if they differ, someone else is at the other end");
  }
  await Promise.race([carrier.run(() => progress.erase()), watch.lost]);
  return watch.wasRefused ? EXIT.linkUsed : EXIT.done;
}

/** Asks whether the words are the same at the other end. */
async function areConfirmed(terminal: Terminal): Promise<boolean> {
  return /^y(es)?$/i.test(await terminal.ask(plain`Are they the same there? [y/N] `));
}
