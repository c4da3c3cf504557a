import type { Plain } from "../plain.ts";
import { RawInput } from "../raw-input.ts";
import type { Session } from "../session.ts";
import { cut } from "../width.ts";
import { TerminalModes } from "../terminal-modes.ts";
import { draftView } from "./draft-view.ts";
import { Footer, type FooterView } from "./footer.ts";
import { Keyboard, NEW_LINE, PASTE_MODE } from "./keyboard.ts";

const MAX_DRAFT_ROWS = 8;

/** How often the window is looked at for what changes with time, in milliseconds. */
const INTERVAL = 1000;

/** What a window is about. */
interface Talk {
  /** Rows below what was printed. */
  pending(): readonly Plain[];
  /** The row before the draft. */
  status(): Plain;
  /** What the draft follows. */
  prompt(): Plain;
  /** The draft has changed. */
  typed(draft: string): void;
  /** The user pressed Enter. The draft is empty now. */
  entered(text: string): void;
  /** The user pressed Ctrl-D, or the terminal is gone. */
  ended(): void;
  /** What was pasted is too long for a draft. */
  refused(length: number): void;
}

/** The terminal of a conversation: lines that stay, and below them some that change and the draft. */
export class ChatWindow implements AsyncDisposable {
  private readonly session: Session;
  private readonly talk: Talk;
  private readonly input: RawInput;
  private readonly modes: TerminalModes;
  private readonly footer: Footer;
  private readonly keyboard: Keyboard;
  private readonly timer: ReturnType<typeof setInterval>;
  /** What the user should know, until the next key. */
  private notice: Plain | undefined;
  private question: { readonly text: Plain; readonly answer: (line: string) => void } | undefined;

  constructor(session: Session, talk: Talk) {
    this.session = session;
    this.talk = talk;
    this.input = new RawInput(session.input);
    this.modes = new TerminalModes(session, PASTE_MODE);
    this.footer = new Footer(session.output, () => this.view());
    this.keyboard = new Keyboard({
      typed: () => this.typed(),
      entered: (text) => this.entered(text),
      ended: () => talk.ended(),
      interrupted: () => this.input.interrupt(),
      suspended: () => void this.suspend(),
      refused: (length) => talk.refused(length),
    });
    this.timer = setInterval(() => void this.footer.draw(), INTERVAL);
    this.read().catch(() => talk.ended());
  }

  get draft(): string {
    return this.keyboard.draft.text.replaceAll(NEW_LINE, "\n");
  }

  set draft(text: string) {
    this.keyboard.write(text);
  }

  /** Prints a line; resolves when there is room for more. */
  print(line: Plain): Promise<void> {
    return this.footer.print(line);
  }

  /** Shows something in place of the status, until the next key. */
  tell(notice: Plain): void {
    this.notice = notice;
    this.draw();
  }

  draw(): void {
    void this.footer.draw();
  }

  /** Asks for a line. */
  ask(text: Plain): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.question = { text, answer: resolve };
    this.draw();
    return promise;
  }

  /** Leaves what was printed on the terminal, and nothing else. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.timer);
    this.keyboard[Symbol.dispose]();
    await this.footer.close();
    this.modes[Symbol.dispose]();
    this.input[Symbol.dispose]();
  }

  private async read(): Promise<void> {
    for await (const bytes of this.session.input) this.keyboard.feed(bytes);
    this.talk.ended();
  }

  private typed(): void {
    this.notice = undefined;
    if (this.question === undefined) this.talk.typed(this.draft);
    this.draw();
  }

  private entered(text: string): void {
    const { question } = this;
    this.notice = undefined;
    this.question = undefined;
    if (question === undefined) this.talk.entered(text);
    else question.answer(text);
    this.draw();
  }

  private async suspend(): Promise<void> {
    await this.footer.hide();
    await this.modes.without(() => this.input.suspend());
    this.draw();
  }

  private view(): FooterView {
    const { rows, columns } = this.session.output;
    // In a low window, what is next to the draft.
    const above = this.above().slice(-Math.max(rows - 2, 1));
    const prompt = this.question?.text ?? this.talk.prompt();
    const maxRows = Math.max(Math.min(MAX_DRAFT_ROWS, rows - above.length - 2), 1);
    const draft = draftView(prompt, this.keyboard.draft, columns, maxRows);
    return { ...draft, rows: [...above, ...draft.rows], row: above.length + draft.row };
  }

  private above(): Plain[] {
    const notice =
      this.notice && this.session.output.warning(cut(this.notice.text, this.session.output.columns - 1));
    if (this.question !== undefined) return notice === undefined ? [] : [notice];
    return [...this.talk.pending(), notice ?? this.talk.status()];
  }
}
