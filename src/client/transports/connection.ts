import type { EventDetails, WireMessage } from "../../protocol/message.ts";
import type { AckFrame } from "../../protocol/socket.ts";
import type { MaltenError } from "../error.ts";
import type { Http } from "../http.ts";
import type { PresenceInfo } from "../stream-event.ts";

/** Why a connection ended. */
export interface CloseInfo {
  readonly error: MaltenError;
  /** The client must not reconnect. */
  readonly final?: boolean;
  /** This transport is blocked; another one may work. */
  readonly unsupported?: boolean;
  /** The minimum delay before reconnecting that the server requests in an event stream, in milliseconds. */
  readonly retry?: number;
}

/** The server's answer to a published message. */
export type PublishAnswer = Pick<AckFrame, "Id" | "Created">;

/**
 * A message or an event of a stream. The first one of a subscription is a `welcome`. Long polls synthesize their events, with only
 * the members needed.
 */
export type WireItem = WireMessage | ({ readonly Type: "event"; readonly Created?: string } & WireDetails);

type WireDetails =
  | Exclude<EventDetails, { Text: "welcome" }>
  | (Pick<WireWelcome, "Text" | "Server" | "Cursor"> & Partial<WireWelcome>);

type WireWelcome = Extract<EventDetails, { Text: "welcome" }>;

/** Where a subscription begins, and how its listener appears in the presence list. */
export interface SubscribeOptions {
  /** The cursor to begin after, of any server; undefined begins with the next message. */
  readonly cursor: string | undefined;
  readonly person: PresenceInfo;
}

/** Receives the events of a connection. None is called after `closed`, nor after {@link Connection.close}. */
export interface ConnectionHandler {
  /** The connection is usable: this server remembers each Ref. */
  opened(server: string): void;
  /** A message or event of the newest subscription to the stream. */
  received(stream: string, item: WireItem): void;
  /** The answer to {@link Connection.publish}. */
  answered(stream: string, ref: string, answer: PublishAnswer | MaltenError): void;
  /** The server rejected the newest subscription to the stream, or its name. */
  refused(stream: string, error: MaltenError): void;
  closed(info: CloseInfo): void;
}

/** One connection to a server, shared by all streams, until it breaks. */
export interface Connection {
  /** The server that remembers each Ref; empty until the connection is open. */
  readonly server: string;
  /** Subscribes to the stream. Replaces an earlier subscription, which delivers nothing more. */
  subscribe(stream: string, options: SubscribeOptions): void;
  unsubscribe(stream: string): void;
  /** Changes how the listener appears in the presence list; absent where that takes a new subscription. */
  setPresence?(stream: string, person: PresenceInfo): void;
  /** Whether another message to this stream can be sent now. */
  canPublish(stream: string): boolean;
  publish(stream: string, ref: string, text: string, name: string | undefined): void;
  close(): void;
}

/** The options of a connection. */
export interface ConnectionRequest {
  readonly http: Http;
  readonly handler: ConnectionHandler;
  /** How long a connection may be silent before it counts as dead, in milliseconds. */
  readonly silence: number;
}
