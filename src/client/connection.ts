import type { WireEvent, WireMessage } from "../protocol/message.ts";
import type { AckFrame } from "../protocol/socket.ts";
import type { Appearance } from "./event.ts";
import type { Http } from "./http.ts";
import type { MaltenError } from "./error.ts";

/** How a connection ended. */
export interface Closure {
  readonly error: MaltenError;
  /** There is no point in trying again. */
  readonly final?: boolean;
  /** This way does not work here, though another may. */
  readonly unfit?: boolean;
  /** The server asks to wait for so many milliseconds. */
  readonly retry?: number;
}

/** What a server says of a message that it has, in an ack or by the message itself. */
export type Acknowledged = Pick<AckFrame, "Id" | "Created">;

/** What comes to those who listen. Of an event, no more is looked at than what it says, and whose it is. */
export type Wire = WireMessage | Omit<WireEvent, "Created" | "Stream" | "Metadata">;

/** Who listens over a connection: knows where it is in the stream. */
export interface Listener {
  /** How it wants to be seen. */
  readonly person: Appearance;
  /** The cursor to resume after, for the server of this id; undefined is from now on. */
  resume(server: string): string | undefined;
  /** It has all up to this cursor. */
  reached(cursor: string, server: string): void;
  /** Answers false where it has not taken this and has no room: the connection stops listening, until it is asked to listen again. */
  take(wire: Wire): boolean;
}

/** Is told what happens to a connection; nothing any more after `closed`, and nothing after {@link Connection.close}. */
export interface ConnectionOwner {
  /** It can be used. `server` is who remembers each Ref. */
  opened(server: string): void;
  /** It listens. */
  begun(): void;
  /** The answer to a {@link Connection.publish}. */
  answered(ref: string, answer: Acknowledged | MaltenError): void;
  /** The server will not let it listen. */
  refused(error: MaltenError): void;
  closed(closure: Closure): void;
}

/** One connection to a server, for one stream, until it breaks; whatever it is made of. */
export interface Connection {
  /** How many messages may be without an answer now. */
  readonly window: number;
  /** Listens, from where the listener is; also when how it wants to be seen has changed. */
  listen(listener: Listener): void;
  /** Listens no longer. */
  pause(): void;
  publish(ref: string, text: string): void;
  close(): void;
}

/** What it takes to open a connection. */
export interface ConnectionRequest {
  readonly http: Http;
  readonly stream: string;
  readonly owner: ConnectionOwner;
  /** A connection that is silent for so long, in milliseconds, is dead. */
  readonly silence: number;
}
