import type { PipeEndEvent } from "../../crypto/pipe/index.ts";
import type { MaltenError } from "../index.ts";
import { isText } from "./checks.ts";
import { Inbox } from "./inbox.ts";
import type { PipeEvent, PipeMessage } from "./types.ts";

type Data = Extract<PipeEndEvent, { type: "text" | "bytes" | "end" }>;

/** What one end receives: bytes and texts, until they are read. */
export class PipeReceiver {
  readonly #taken: () => void;
  readonly #bytes: Inbox<Uint8Array>;
  readonly #texts: Inbox<PipeMessage>;
  #isFinished = false;
  #hasBytes = false;

  /** `taken` is called for each that is read, or not given to anyone. `leave` ends the pipe, because the reader cancelled. */
  constructor(taken: () => void, leave: (reason: unknown) => Promise<void>) {
    this.#taken = taken;
    this.#bytes = new Inbox(taken, (reason) => void leave(reason));
    this.#texts = new Inbox(taken, (reason) => void leave(reason));
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#bytes.stream;
  }

  /** Whether bytes were received. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /** Whether the other end has finished sending. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  messages(): AsyncIterableIterator<PipeMessage, undefined> {
    return this.#texts.iterate();
  }

  /** Keeps what arrived at `time`. Returns what is to be told of it. */
  receive(data: Data, time: Date): PipeEvent | undefined {
    switch (data.type) {
      case "text":
        if (!isText(data.text)) {
          this.#taken();
          return { type: "warning", code: "altered", text: "A text with control characters" };
        }
        this.#texts.push({ text: data.text, time });
        return undefined;
      case "bytes":
        this.#hasBytes = true;
        this.#bytes.push(data.bytes);
        return undefined;
      case "end":
        this.#isFinished = true;
        this.#bytes.finish();
        this.#texts.finish();
        this.#taken();
        return { type: "finished" };
    }
  }

  /** Nothing more comes. Readers of bytes get `cut`, and readers of texts `error`, unless the other end had finished. */
  close(cut: MaltenError, error: MaltenError | undefined): void {
    this.#bytes.finish(cut);
    this.#texts.finish(error);
  }
}
