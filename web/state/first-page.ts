import type { WireMessage } from "../../src/protocol/message.ts";

/** Messages on the first page. Few, for slow networks: older ones follow once the page has loaded. */
export const FIRST_PAGE = 12;

/** Time limit of a request for the first page, in milliseconds. After two of them the page starts to listen without it. */
export const FIRST_PAGE_TIMEOUT = 5000;

/** The request made by boot.ts: the newest messages of the stream in the URL, oldest first. */
interface FirstPage {
  readonly stream: string;
  readonly messages: Promise<readonly WireMessage[]>;
}

declare global {
  /** Set by boot.ts, which is a script of its own. */
  var firstPage: FirstPage | undefined;
}

/** Returns the first page of the stream once; undefined if it is of another stream or taken already. */
export function takeFirstPage(stream: string): Promise<readonly WireMessage[]> | undefined {
  const first = globalThis.firstPage;
  globalThis.firstPage = undefined;
  return first?.stream === stream ? first.messages : undefined;
}
