import type { WireMessage } from "../../src/protocol/message.ts";

/** Messages on the first page. Few, for slow networks: older ones follow once the page has loaded. */
export const FIRST_PAGE = 12;

/** Time limit of a request for the first page, in milliseconds. After two of them the page starts to listen without it. */
export const FIRST_PAGE_TIMEOUT = 5000;

/** The newest messages of a stream, oldest first. */
export interface FirstPage {
  /** The id of the server that numbered them. */
  readonly server: string;
  readonly messages: readonly WireMessage[];
}

/** The request made by first-request.ts for the stream in the URL. */
interface FirstPageRequest {
  readonly stream: string;
  readonly page: Promise<FirstPage>;
}

declare global {
  /** Set by first-request.ts, a separate script. */
  var firstPage: FirstPageRequest | undefined;
}

/** Returns the first page of the stream, once; undefined if it was requested for another stream or already taken. */
export function takeFirstPage(stream: string): Promise<FirstPage> | undefined {
  const first = globalThis.firstPage;
  globalThis.firstPage = undefined;
  return first?.stream === stream ? first.page : undefined;
}

/** @throws TypeError if it is not a page of messages */
export async function readPage(response: Response): Promise<FirstPage> {
  if (!response.ok) throw new TypeError(`HTTP ${response.status}`);
  const server = response.headers.get("malten-server");
  const messages: unknown = await response.json();
  if (server === null || !isMessages(messages)) throw new TypeError("Not a page of messages");
  return { server, messages };
}

function isMessages(value: unknown): value is WireMessage[] {
  return Array.isArray(value);
}
