import type { Key } from "./texts.ts";

/** A line in the view of a pipe. */
export type PipeLine = TextLine | NoteLine | FileLine;

export interface TextLine {
  readonly kind: "text";
  readonly key: string;
  readonly text: string;
  readonly own: boolean;
  readonly time: Date;
  /** Of an own text: whether the server has it. */
  readonly state: "sending" | "sent" | "failed";
}

/** Something that happened. */
export interface NoteLine {
  readonly kind: "note";
  readonly key: string;
  readonly text: Key;
  readonly isWarning: boolean;
}

/** Bytes that are sent or received. */
export interface FileLine {
  readonly kind: "file";
  readonly key: string;
  readonly own: boolean;
  /** Undefined for received bytes, which have none. */
  readonly name: string | undefined;
  readonly state: "passing" | "done" | "failed" | "too-large";
  /** In bytes. */
  readonly done: number;
  /** In bytes; undefined if unknown. */
  readonly size: number | undefined;
  /** What was received, once it is complete. */
  readonly content: Blob | undefined;
}
