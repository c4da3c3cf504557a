import { computed, signal } from "@preact/signals";
import type { Pipe, PipeEvent, PipeState } from "../../src/client/encrypted/index.ts";
import { MaltenError } from "../../src/client/index.ts";
import type { FileLine, NoteLine, PipeLine, TextLine } from "./pipe-line.ts";

/** Lines kept. */
const MAX_LINES = 1024;

/** Bytes that are received in one file at most: they are kept in memory until they are saved. */
const MAX_RECEIVED = 256 * 1024 * 1024;

/** Bytes collected before they are handed to the browser, which may then move them out of memory. */
const PIECE = 1024 * 1024;

type New<L> = L extends PipeLine ? Omit<L, "key"> : never;

/** One end of a pipe in this tab. */
export class OpenPipe {
  readonly kind = "pipe";
  /** The link for the other end, where the pipe was created. */
  readonly link: string | undefined;
  readonly state = signal<PipeState>({ kind: "waiting" });
  readonly words = signal<readonly string[]>([]);
  /** Whether the user has compared the words, for as long as the keys last. */
  readonly isVerified = signal(false);
  /** The other end has had other keys before. */
  readonly isRekeyed = signal(false);
  /** The server says that the other end is not connected. */
  readonly isAway = signal(false);
  readonly lines = signal<readonly PipeLine[]>([]);
  /** Whether nothing can be sent any more, since a file was. */
  readonly isFinished = signal(false);
  readonly draft = signal("");
  /** Why the pipe was closed, if the events said it. */
  readonly ending = signal<"pipeStolen" | "pipeEnded" | "pipeCut" | "pipeDiffered" | undefined>();
  readonly isJoined = computed(() => this.words.value.length > 0 && this.state.value.kind !== "closed");
  private readonly pipe: Pipe;
  private count = 0;

  constructor(pipe: Pipe) {
    this.pipe = pipe;
    this.link = pipe.link;
    this.state.value = pipe.state;
    pipe.onState((state) => {
      this.state.value = state;
    });
    void this.receiveEvents();
    void this.receiveTexts();
    void this.receiveBytes();
  }

  async send(text: string): Promise<void> {
    const key = this.add({ kind: "text", text, own: true, time: new Date(), state: "sending" });
    try {
      await this.pipe.send(text);
      this.change<TextLine>(key, { state: "sent" });
    } catch {
      this.change<TextLine>(key, { state: "failed" });
    }
  }

  /** Sends a file, and nothing after it. */
  async sendFile(file: File): Promise<void> {
    this.isFinished.value = true;
    const { name, size } = file;
    const key = this.add({
      kind: "file",
      own: true,
      name,
      size,
      state: "passing",
      done: 0,
      content: undefined,
    });
    const writer = this.pipe.writable.getWriter();
    try {
      let done = 0;
      for await (const bytes of chunksOf(file.stream())) {
        await writer.write(bytes);
        done += bytes.length;
        this.change<FileLine>(key, { done });
      }
      await writer.close();
      this.change<FileLine>(key, { state: "done" });
    } catch {
      this.change<FileLine>(key, { state: "failed" });
    }
  }

  /** The words are the same at the other end, says the user. */
  verify(): void {
    this.isVerified.value = true;
  }

  /** The words differ: someone may be between the two ends. */
  differ(): void {
    this.ending.value = "pipeDiffered";
    this.end();
  }

  /** Lets the other end join again, after it has lost its keys. */
  readmit(): void {
    this.words.value = [];
    this.isVerified.value = false;
    this.isAway.value = false;
    this.isRekeyed.value = true;
    void this.pipe.admit();
  }

  end(): void {
    void this.pipe.end();
  }

  private async receiveEvents(): Promise<void> {
    for await (const event of this.pipe.events()) this.onEvent(event);
  }

  private onEvent(event: PipeEvent): void {
    switch (event.type) {
      case "joined":
      case "rekeyed":
        if (event.type === "rekeyed") {
          this.isRekeyed.value = true;
          this.addNote("pipeRekeyed", true);
        }
        this.isVerified.value = false;
        this.isAway.value = false;
        this.words.value = event.words;
        break;
      case "refused":
        this.addNote("pipeRefused", true);
        break;
      case "stolen":
        this.ending.value = "pipeStolen";
        break;
      case "finished":
        this.addNote("pipeFinished", false);
        break;
      case "ended":
        this.ending.value = event.finished || event.reason === "" ? "pipeEnded" : "pipeCut";
        break;
      case "warning":
        this.addNote(event.code === "missing" ? "pipeMissing" : "pipeAltered", true);
        break;
      case "away":
      case "back":
        this.isAway.value = event.type === "away";
    }
  }

  private async receiveTexts(): Promise<void> {
    try {
      for await (const { text, time } of this.pipe.messages())
        this.add({ kind: "text", text, own: false, time, state: "sent" });
    } catch (error) {
      // The state of the pipe says why it ended.
      if (!(error instanceof MaltenError)) throw error;
    }
  }

  private async receiveBytes(): Promise<void> {
    let key: string | undefined;
    let content = new Blob();
    let pieces: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    let waiting = 0;
    try {
      for await (const bytes of chunksOf(this.pipe.readable)) {
        key ??= this.add({
          kind: "file",
          own: false,
          name: undefined,
          size: undefined,
          state: "passing",
          done,
          content: undefined,
        });
        pieces.push(new Uint8Array(bytes));
        done += bytes.length;
        waiting += bytes.length;
        if (done > MAX_RECEIVED) {
          this.change<FileLine>(key, { state: "too-large" });
          this.end();
          return;
        }
        if (waiting < PIECE) continue;
        content = new Blob([content, ...pieces]);
        pieces = [];
        waiting = 0;
        this.change<FileLine>(key, { done });
      }
      if (key !== undefined)
        this.change<FileLine>(key, { state: "done", done, content: new Blob([content, ...pieces]) });
    } catch {
      if (key !== undefined) this.change<FileLine>(key, { state: "failed", done });
    }
  }

  private addNote(text: NoteLine["text"], isWarning: boolean): void {
    this.add({ kind: "note", text, isWarning });
  }

  private add(line: New<PipeLine>): string {
    this.count++;
    const key = String(this.count);
    this.lines.value = [...this.lines.peek(), { ...line, key }].slice(-MAX_LINES);
    return key;
  }

  private change<L extends PipeLine>(key: string, change: Partial<L>): void {
    this.lines.value = this.lines.peek().map((line) => (line.key === key ? { ...line, ...change } : line));
  }
}

/** Iterates over a stream. Not all browsers do that themselves. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
