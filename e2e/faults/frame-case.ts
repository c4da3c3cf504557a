import { clientFrame } from "../../test-support/frames.ts";

/** What happens when these bytes are sent to a WebSocket that listens to a stream. */
export interface FrameCase {
  /** Its number or name in the suite it comes from. */
  readonly id: string;
  /** What is sent, each piece in a write of its own. */
  readonly pieces: readonly Uint8Array[];
  /** The texts that are published: acknowledged, stored and delivered. */
  readonly published: readonly string[];
  /** What else comes back, in order. */
  readonly answers: readonly string[];
  /** The close code if the server ends the connection; otherwise it stays open. */
  readonly closed?: number;
}

/** Describes a case. The answers are mixed with the acks of what is published, which come in order too. */
export function frameCase(
  id: string,
  pieces: readonly Uint8Array[],
  { published = [], answers = [], closed }: Partial<Omit<FrameCase, "id" | "pieces">> = {},
): FrameCase {
  return { id, pieces, published, answers, ...(closed !== undefined && { closed }) };
}

/** The longest frame, in bytes. */
export const LONGEST = 16_384;

/** The JSON of a frame of this protocol that has exactly this length: spaces may follow the object. */
export function sized(length: number, text = `of ${length}`): string {
  return JSON.stringify({ Type: "message", Text: text }).padEnd(length, " ");
}

/** Cuts frames into pieces of some bytes, wherever they begin and end. */
export function chopped(size: number, ...frames: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(frames);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) =>
    all.subarray(i * size, (i + 1) * size),
  );
}

/** Cuts a payload into the fragments of one message. */
export function fragments(payload: string | Uint8Array, size: number, opcode = 1): Buffer[] {
  const bytes = Buffer.from(payload);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) =>
    clientFrame(bytes.subarray(i * size, (i + 1) * size), {
      opcode: i === 0 ? opcode : 0,
      fin: i === count - 1,
    }),
  );
}

/** The JSON that publishes a text. */
export function publishing(text: string): string {
  return JSON.stringify({ Type: "message", Text: text });
}

export const HELLO = publishing("Hello, world!");

export const hello = clientFrame(HELLO);

export const ping = clientFrame("", { opcode: 9 });

/** A close frame with a code and a reason. */
export function closing(code?: number, reason: string | Uint8Array = ""): Buffer {
  if (code === undefined) return clientFrame("", { opcode: 8 });
  return clientFrame(Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]), {
    opcode: 8,
  });
}
