import { parseCursor, UNKNOWN_SERVER, type Position } from "./cursor.ts";
import type { EventQueue } from "./event-queue.ts";
import type { PresenceInfo, StreamEvent } from "./stream-event.ts";

/** How to listen. `name` and `status` appear in the presence list, as with {@link ClientStream.setPresence}. */
export interface ListenOptions extends PresenceInfo {
  /** The cursor to begin after, or `earliest` for everything kept. Defaults to new messages only. */
  readonly since?: string | undefined;
  /** Ends the iteration without an error. */
  readonly signal?: AbortSignal | undefined;
  /** `false` leaves out the messages that this `Malten` sent itself. */
  readonly echo?: boolean | undefined;
}

/** One listener's position in one stream: passes on what it has not received yet, in order, with gaps for missing messages. */
export class Subscription {
  /** Undefined without a name. */
  readonly person: PresenceInfo | undefined;
  /**
   * Undefined until the server has sent the stream's current position. Has no server until one has confirmed it: a server that
   * never issued such a cursor sends everything it keeps.
   */
  position: Position | undefined;
  /** Whether delivery is paused because its reader is slow. Afterwards it needs what it missed. */
  isPaused = false;
  readonly queue: Pick<EventQueue<never>, "isOpen" | "end">;
  readonly #echo: boolean;
  readonly #give: (event: StreamEvent) => void;

  /** `give` passes an event on to the queue. @throws MaltenError `bad_parameter` for an invalid cursor */
  constructor(
    queue: Pick<EventQueue<never>, "isOpen" | "end">,
    { since, name, status, echo = true }: ListenOptions,
    give: (event: StreamEvent) => void,
  ) {
    this.queue = queue;
    if (since !== undefined) this.position = parseCursor(since);
    // The server rejects a status without a name.
    if ((name ?? status) !== undefined) this.person = { name, status };
    this.#echo = echo;
    this.#give = give;
  }

  /**
   * The server begins after `begin`, which is the end of the stream if `isLive`. Without a position, it becomes that. A position
   * later than `now`, the time of the server, is not one of its cursors.
   */
  begin(server: string, begin: bigint, isLive: boolean, now?: string): void {
    const { position } = this;
    if (!position) {
      if (isLive) this.position = { created: begin, server };
    } else if (!position.server && now && position.created > BigInt(now))
      this.position = { ...position, server: UNKNOWN_SERVER };
    else if (begin > 0n || position.created === 0n) this.position = { server, ...position };
  }

  /** Handles an event from `server`. */
  take(event: StreamEvent, server: string): void {
    if (!this.queue.isOpen) this.isPaused = true;
    if (this.isPaused) return;
    // −1: unknown.
    const place = this.position?.server === server ? this.position.created : -1n;
    if (event.type === "gap") {
      const { from, to } = event.gap;
      const last = BigInt(to) - 1n;
      // Another listener may have requested more than this one needs; from `earliest`, nothing is missing.
      if (last <= place || place === 0n) return;
      this.position = { created: last, server };
      return this.#give({ type: "gap", gap: { from: place > BigInt(from) ? String(place) : from, to } });
    }
    if (event.type === "message") {
      const created = BigInt(event.message.created);
      if (created <= place) return;
      this.position = { created, server };
      if (event.message.own && !this.#echo) return;
    }
    this.#give(event);
  }
}
