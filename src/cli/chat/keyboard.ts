import { createInterface, type Interface, type Key } from "node:readline";
import { PassThrough, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { visible } from "../plain.ts";

/**
 * Stands for a new line in what is being typed, which is one line for `node:readline`. A noncharacter (Unicode §23.7), which no text
 * that is interchanged has.
 */
export const NEW_LINE = "\ufdd0";

/** Marks around pasted text, sent by the terminal in this mode (xterm's "bracketed paste"). */
export const PASTE_MODE = { on: "\u001b[?2004h", off: "\u001b[?2004l" };
const PASTE_START = "\u001b[200~";
const PASTE_END = "\u001b[201~";

/** Alt+Enter, as terminals send it. */
const ALT_ENTER = /\u001b[\r\n]/g;

/** Longest text that is kept while it is typed, in UTF-16 units. */
const MAX_DRAFT = 64 * 1024;

const HISTORY = 100;

/** What the user does. */
export interface Typist {
  /** The draft or the cursor changed. */
  typed(): void;
  /** Enter. The draft is empty now. */
  entered(text: string): void;
  /** Ctrl-D with an empty draft. */
  ended(): void;
  /** Ctrl-C. */
  interrupted(): void;
  /** Ctrl-Z. */
  suspended(): void;
  /** What was pasted was not taken: it is too long. */
  refused(length: number): void;
}

/** The draft, with {@link NEW_LINE} for a new line, and the position of the cursor in it. */
export interface Draft {
  readonly text: string;
  readonly cursor: number;
}

/** The line being typed, edited as `node:readline` does, which draws nothing here: the screen is shared with what others write. */
export class Keyboard implements Disposable {
  private readonly typist: Typist;
  private readonly keys = new PassThrough();
  private readonly readline: Interface;
  private readonly decoder = new StringDecoder("utf8");
  private isClosed = false;
  /** What was pasted so far, while the end of it is awaited. */
  private pasted: string | undefined;
  /** The beginning of a mark around pasted text. */
  private rest = "";
  /** What was entered with the present key. */
  private line: string | undefined;
  /** The draft before the last key. */
  private before: Draft = { text: "", cursor: 0 };

  constructor(typist: Typist) {
    this.typist = typist;
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    this.readline = createInterface({
      input: this.keys,
      output: nowhere,
      terminal: true,
      prompt: "",
      historySize: HISTORY,
      // An unfinished sequence of a key is not waited for.
      escapeCodeTimeout: 50,
    });
    // After readline itself, which was there first.
    this.keys.on("keypress", (_character, key: Key) => this.pressed(key));
    this.readline.on("line", (line) => {
      this.line = line;
    });
    this.readline.on("close", () => typist.ended());
    this.readline.on("SIGINT", () => typist.interrupted());
    this.readline.on("SIGTSTP", () => typist.suspended());
  }

  get draft(): Draft {
    return { text: this.readline.line, cursor: this.readline.cursor };
  }

  /** Replaces the draft. */
  write(text: string): void {
    if (this.isClosed) return;
    this.readline.write(null, { ctrl: true, name: "e" });
    this.readline.write(null, { ctrl: true, name: "u" });
    if (text !== "") this.readline.write(text.replaceAll("\n", NEW_LINE));
    this.changed();
  }

  /** Takes what the terminal sent. */
  feed(bytes: Uint8Array): void {
    if (this.isClosed) return;
    let text = this.rest + this.decoder.write(Buffer.from(bytes));
    this.rest = "";
    for (;;) {
      const mark = this.pasted === undefined ? PASTE_START : PASTE_END;
      const at = text.indexOf(mark);
      if (at === -1) break;
      this.take(text.slice(0, at));
      if (this.pasted === undefined) this.pasted = "";
      else this.paste();
      text = text.slice(at + mark.length);
    }
    const begun = unfinishedMark(text, this.pasted === undefined ? PASTE_START : PASTE_END);
    this.take(text.slice(0, text.length - begun));
    this.rest = text.slice(text.length - begun);
  }

  [Symbol.dispose](): void {
    this.isClosed = true;
    this.readline.removeAllListeners("close");
    this.readline.close();
  }

  private take(text: string): void {
    if (text === "") return;
    if (this.pasted === undefined) this.keys.write(text.replaceAll(ALT_ENTER, NEW_LINE));
    else if (this.pasted.length <= MAX_DRAFT) this.pasted += text;
  }

  private paste(): void {
    const text = (this.pasted ?? "").replaceAll(/\r\n|\r/g, "\n");
    this.pasted = undefined;
    if (text.length + this.readline.line.length > MAX_DRAFT) return this.typist.refused(text.length);
    // A key in what is pasted would be pressed.
    const lines = text.split("\n").map((line) => line.split("\t").map(visible).join("\t"));
    this.readline.write(lines.join(NEW_LINE));
    this.changed();
  }

  /** Moves and deletes by graphemes: `node:readline` does so by code points. */
  private pressed({ name = "" }: Key): void {
    const { text, cursor } = this.before;
    const repeat = () => this.readline.write(null, { name });
    const isInside = () =>
      graphemeAt(this.readline.line, this.readline.cursor)?.index !== this.readline.cursor;
    if (name === "left" || name === "right") {
      while (this.readline.cursor < this.readline.line.length && isInside()) repeat();
    } else if (name === "backspace") {
      const start = graphemeAt(text, cursor - 1)?.index ?? 0;
      while (this.readline.cursor > start) repeat();
    } else if (name === "delete") {
      const { segment = "" } = graphemeAt(text, cursor) ?? {};
      while (this.readline.line.length > text.length - segment.length) repeat();
    }
    const { line } = this;
    if (line === undefined) return this.changed();
    this.line = undefined;
    this.before = this.draft;
    this.typist.entered(line.replaceAll(NEW_LINE, "\n"));
  }

  private changed(): void {
    this.before = this.draft;
    this.typist.typed();
  }
}

function graphemeAt(text: string, at: number): Intl.SegmentData | undefined {
  return new Intl.Segmenter().segment(text).containing(at);
}

/** Length of the beginning of a mark at the end of a text. The first two characters alone may be a key. */
function unfinishedMark(text: string, mark: string): number {
  for (let length = mark.length - 1; length > 1; length--)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
