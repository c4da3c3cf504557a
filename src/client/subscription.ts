import { parseCursor, type Position } from "./cursor.ts";
import type { EventQueue } from "./event-queue.ts";
import type { PresenceInfo, StreamEvent } from "./stream-event.ts";

/** How to listen. `name` and `status` say how this program is seen in the stream, as {@link ClientStream.setPresence}. */
export interface ListenOptions extends PresenceInfo {
  /** The cursor to begin after, or `earliest` for all that is kept. Defaults to what comes from now on. */
  readonly since?: string | undefined;
  /** Ends the listening without an error. */
  readonly signal?: AbortSignal | undefined;
  /** `false` leaves out the messages that this `Malten` sent itself. */
  readonly echo?: boolean | undefined;
}

/** One listener's place in one stream: passes on what it has not had yet, in order, with a gap where anything is missing. */
export class Subscription {
  /** Undefined without a name. */
  readonly person: PresenceInfo | undefined;
  /**
   * Undefined until the server said where the stream is now. Without a server until one has confirmed it: a server that never gave
   * such a cursor sends all it keeps.
   */
  position: Position | undefined;
  /** Its reader is slow: it takes nothing until this is false again, and then needs what it missed. */
  isPaused = false;
  readonly queue: Pick<EventQueue<never>, "isOpen" | "end">;
  readonly #echo: boolean;
  readonly #give: (event: StreamEvent) => void;

  /** `give` passes an event on to the queue. @throws MaltenError `bad_parameter` for what is no cursor */
  constructor(
    queue: Pick<EventQueue<never>, "isOpen" | "end">,
    { since, name, status, echo = true }: ListenOptions,
    give: (event: StreamEvent) => void,
  ) {
    this.queue = queue;
    if (since !== undefined) this.position = parseCursor(since);
    // A status alone is refused by the server.
    if ((name ?? status) !== undefined) this.person = { name, status };
    this.#echo = echo;
    this.#give = give;
  }

  /** The server begins after `begin`, or after the position if that is later. `isLive` tells that the stream is there now. */
  begin(server: string, begin: bigint, isLive: boolean): void {
    if (!this.position && isLive) this.position = { created: begin, server };
    const { position } = this;
    if (position && (begin > 0n || position.created === 0n)) this.position = { server, ...position };
  }

  /** Takes what `server` sent. */
  take(event: StreamEvent, server: string): void {
    if (!this.queue.isOpen) this.isPaused = true;
    if (this.isPaused) return;
    const place = this.position?.server === server ? this.position.created : undefined;
    if (event.type === "gap") {
      const { from, to } = event.gap;
      const last = BigInt(to) - 1n;
      // Another listener of the stream may have asked for more than this one needs; from the earliest on, nothing is missing.
      if (place !== undefined && (last <= place || place === 0n)) return;
      this.position = { created: last, server };
      const isLater = place !== undefined && place > BigInt(from);
      return this.#give({ type: "gap", gap: { from: isLater ? String(place) : from, to } });
    }
    if (event.type === "message") {
      const created = BigInt(event.message.created);
      if (place !== undefined && created <= place) return;
      this.position = { created, server };
      if (event.message.own && !this.#echo) return;
    }
    this.#give(event);
  }
}
