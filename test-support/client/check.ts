// What the cases of the SDK share, in every runtime. Uses only web standards and the SDK.
import { Malten, MaltenError, type ClientStream, type Message } from "../../src/client/index.ts";
import { becomes } from "./states.ts";
import type { World } from "./world.ts";

/** Cases by name. Each leaves the server running and the network unblocked. */
export type Cases = Readonly<Record<string, (world: World) => Promise<void>>>;

/** A client of the world's transport. */
export function client(world: World, silence?: number): Malten {
  return new Malten(world.url, { transports: [world.transport], ...(silence !== undefined && { silence }) });
}

/** The code of the error that the promise rejects with, `none` if it resolves. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof MaltenError ? error.code : String(error);
  }
}

/** The numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

/** Resolves when the stream is live. */
export async function live(stream: ClientStream): Promise<void> {
  await becomes(stream, "live");
}

/** The messages up to the one with this text. */
export async function upTo(messages: AsyncIterator<Message, undefined>, text: number): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.at(-1)?.text !== String(text)) {
    const { value } = await messages.next();
    if (value === undefined) throw new Error("it ended");
    taken.push(value);
  }
  return taken;
}

export function numbers(messages: readonly Message[]): number[] {
  return messages.map(({ text }) => Number(text));
}
