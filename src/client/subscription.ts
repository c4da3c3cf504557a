import { parseCursor, type Position } from "./cursor.ts";
import type { EventQueue } from "./event-queue.ts";
import type { MaltenError } from "./error.ts";
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
  /** Undefined until the server said where the stream is now. */
  #position: Position | undefined;
  /** Its cursor names no server, and nothing came yet: the server may answer that it never gave such a cursor. */
  #isUnconfirmed: boolean;
  #isPaused = false;
  readonly #queue: Pick<EventQueue<never>, "isOpen" | "end">;
  readonly #echo: boolean;
  readonly #give: (event: StreamEvent) => void;

  /** `give` passes an event on to the queue. @throws MaltenError `bad_parameter` for what is no cursor */
  constructor(
    queue: Pick<EventQueue<never>, "isOpen" | "end">,
    { since, name, status, echo = true }: ListenOptions,
    give: (event: StreamEvent) => void,
  ) {
    this.#queue = queue;
    this.#position = since === undefined ? undefined : parseCursor(since);
    this.#isUnconfirmed = this.#position !== undefined && this.#position.server === undefined;
    // A status alone is refused by the server.
    this.person = (name ?? status) === undefined ? undefined : { name, status };
    this.#echo = echo;
    this.#give = give;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  /** Its reader is slow: it takes nothing until {@link resume}, and then needs what it missed. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** It listens to this server. `live` is where the stream is now, where that is known. */
  begin(server: string, live: bigint | undefined): void {
    const created = this.#position?.created ?? live;
    if (created !== undefined) this.#position = { created, server: this.#position?.server ?? server };
  }

  /** Takes what `server` sent. */
  take(event: StreamEvent, server: string): void {
    if (!this.#queue.isOpen) this.#isPaused = true;
    if (this.#isPaused) return;
    const place = this.#position?.server === server ? this.#position.created : undefined;
    if (event.type === "gap") return this.#takeGap(event.gap, server, place);
    if (event.type === "message") {
      const created = BigInt(event.message.created);
      if (place !== undefined && created <= place) return;
      this.#moveTo(created, server);
      if (event.message.own && !this.#echo) return;
    }
    this.#give(event);
  }

  end(error?: MaltenError): void {
    this.#queue.end(error);
  }

  #takeGap({ from, to }: { from: string; to: string }, server: string, place: bigint | undefined): void {
    const last = BigInt(to) - 1n;
    const known = this.#isUnconfirmed && from === "0" ? undefined : place;
    // Another listener of the stream may have asked for more than this one needs; from the earliest on, nothing is missing.
    if (known !== undefined && last <= known) return;
    if (place === 0n) return;
    this.#moveTo(last, server);
    const isLater = known !== undefined && known > BigInt(from);
    this.#give({ type: "gap", gap: { from: isLater ? String(known) : from, to } });
  }

  #moveTo(created: bigint, server: string): void {
    this.#position = { created, server };
    this.#isUnconfirmed = false;
  }
}
