import type { WireMessage } from "../../src/protocol/message.ts";

/** Messages that a stream is opened with. Few, for slow networks: more follow as soon as the page can ask for them. */
export const FIRST_PAGE = 12;

/** How long each request for them may take, in milliseconds. The page listens no later than after two of them. */
export const FIRST_PAGE_TIMEOUT = 5000;

/** What boot.ts asked for: the newest messages of the stream that the page was opened with, oldest first. */
interface FirstPage {
  readonly stream: string;
  readonly messages: Promise<readonly WireMessage[]>;
}

declare global {
  /** Where boot.ts, which is a script of its own, leaves it. */
  var firstPage: FirstPage | undefined;
}

/** Hands it over, once: whoever comes to the stream again reads it anew. */
export function takeFirstPage(stream: string): Promise<readonly WireMessage[]> | undefined {
  const first = globalThis.firstPage;
  globalThis.firstPage = undefined;
  return first?.stream === stream ? first.messages : undefined;
}
