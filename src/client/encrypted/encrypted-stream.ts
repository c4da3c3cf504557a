import { formatLink } from "../../crypto/link.ts";
import { SealedSender, type SealOptions } from "../../crypto/sealed-sender.ts";
import type { StreamKeys } from "../../crypto/secrets.ts";
import type { ClientStream, ReadOptions } from "../client-stream.ts";
import type { StreamState } from "../connection-manager.ts";
import { MaltenError, type Malten } from "../index.ts";
import type { Message } from "../message.ts";
import type { Presence } from "../presence-tracker.ts";
import type { Sent } from "../send-queue.ts";
import type { PresenceInfo, StreamEvent } from "../stream-event.ts";
import type { ListenOptions } from "../subscription.ts";
import { checkedName, checkedText, converted } from "./checks.ts";
import { serverOf } from "./connect.ts";
import { ConvertedIterator } from "./converted-iterator.ts";
import { messagesOnly } from "./messages-only.ts";
import { Opener } from "./opener.ts";
import { checkedPerson, SealedPresence } from "./sealed-presence.ts";
import { SendTurns } from "./send-turns.ts";
import type {
  EncryptedEvent,
  EncryptedMessage,
  Links,
  Right,
  SendEncryptedOptions,
  WarningCode,
} from "./types.ts";

/** Warnings that do not depend on the order in which messages are read. */
const ORDERLESS: readonly WarningCode[] = ["altered", "replayed", "unsupported"];

/** A stream that only those who have a link can read. Its members do what those of {@link ClientStream} do. */
export class EncryptedStream {
  /** The name at the server, which begins with `~`. It is not secret. */
  readonly name: string;
  readonly right: Right;
  readonly #malten: Malten;
  readonly #keys: StreamKeys;
  readonly #stream: ClientStream;
  readonly #presence: SealedPresence;
  /** Messages are sealed in the order in which they are sent, when they can be. */
  readonly #turns: SendTurns;
  #sender: Promise<SealedSender> | undefined;
  /** The pseudonym of {@link #sender}: the server cannot make what others sent one's own. */
  #ownId: string | undefined;
  /** The newest message that was opened. */
  #seen: { readonly message: Message; readonly lastSeen: NonNullable<SealOptions["lastSeen"]> } | undefined;
  /** Whether nobody can have published anything yet. */
  #isEmpty: boolean;

  /**
   * `isEmpty`: it was just created, and nobody else has a link.
   * @internal
   */
  constructor(malten: Malten, keys: StreamKeys, stream: ClientStream, isEmpty = false) {
    this.#malten = malten;
    this.#keys = keys;
    this.#stream = stream;
    this.#presence = new SealedPresence(stream, keys);
    this.#turns = new SendTurns(stream);
    this.#isEmpty = isEmpty;
    this.name = keys.name;
    this.right = keys.right;
  }

  /** The links that this right can give away. Each is a key: anyone who has it has the right. */
  get links(): Links {
    this.#isEmpty = false;
    const server = serverOf(this.#malten);
    const { owner, writer, reader } = this.#keys.secrets;
    return {
      ...(owner && { owner: formatLink(server, owner) }),
      ...(writer && { writer: formatLink(server, writer) }),
      reader: formatLink(server, reader),
    };
  }

  get state(): StreamState {
    return this.#stream.state;
  }

  /** Calls `callback` whenever the kind of {@link state} changes. Returns a function that unsubscribes. */
  onState(callback: (state: StreamState) => void): () => void {
    return this.#stream.onState(callback);
  }

  /**
   * Encrypts and publishes a message of at most 1024 characters. Sent again, it is the same bytes.
   * @throws MaltenError as {@link ClientStream.send}; `read_only` with a reader's link; `bad_person` for an invalid name
   */
  async send(text: string, { name, ...options }: SendEncryptedOptions = {}): Promise<Sent> {
    const content = checkedText(text);
    const sealOptions = { ...(name !== undefined && { name: checkedName(name) }) };
    this.#isEmpty = false;
    const { sender, sealed, sent } = await this.#turns.take(options, async (left) => {
      this.#sender ??= converted(SealedSender.create(this.#keys));
      const from = await this.#sender;
      this.#ownId = from.id;
      const { lastSeen } = this.#seen ?? {};
      const message = await converted(from.seal(content, { ...sealOptions, ...(lastSeen && { lastSeen }) }));
      // In an object, since this only waits until it is in the queue.
      return { sender: from, sealed: message, sent: this.#stream.send(message.text, left) };
    });
    try {
      return await sent;
    } catch (error) {
      sender.giveUp(sealed);
      throw error;
    }
  }

  /**
   * Iterates over messages as they arrive, in order. What cannot be read is left out; the next message has a warning.
   * @throws MaltenError as {@link ClientStream.listen}; synchronously, `bad_person` for an invalid name
   */
  listen(options: ListenOptions = {}): AsyncIterableIterator<EncryptedMessage, undefined> {
    const pick = messagesOnly();
    return this.#listen(options, (events) => events.flatMap((event) => pick(event)));
  }

  /** Iterates over everything that happens to the stream, with warnings where they are seen. Otherwise the same as {@link listen}. */
  events(options: ListenOptions = {}): AsyncIterableIterator<EncryptedEvent, undefined> {
    return this.#listen(options, (events) => events);
  }

  /**
   * Iterates over the history, page by page, until its end. Warnings are with the next message, so what comes after the last one is
   * not told; backward, only those appear that do not depend on the order. A page is empty if none of its messages can be read.
   * @throws MaltenError
   */
  async *read(options: ReadOptions = {}): AsyncGenerator<EncryptedMessage[], void> {
    const isForward = options.from === "oldest";
    const opener = new Opener(this.#keys);
    const pick = messagesOnly();
    for await (const page of this.#stream.read(options)) {
      const messages: EncryptedMessage[] = [];
      for (const { gap, ...message } of page) {
        const events = [
          ...(gap ? await this.#open(opener, { type: "gap", gap }) : []),
          ...(await this.#open(opener, { type: "message", message })),
        ];
        for (const event of events)
          if (event.type !== "warning" || isForward || ORDERLESS.includes(event.code))
            messages.push(...pick(event));
      }
      yield messages;
    }
  }

  /** Fetches the presence list. @throws MaltenError */
  presence(signal?: AbortSignal): Promise<Presence> {
    return this.#presence.fetch(signal);
  }

  /** Calls `callback` with the presence list, and again whenever it changes. Returns a function that unsubscribes. Counts as listening. */
  onPresence(callback: (presence: Presence) => void): () => void {
    return this.#presence.onPresence(callback);
  }

  /**
   * Sets this program's name, which the server cannot read, and its status, which it can. The name has at most 256 characters.
   * @throws MaltenError `bad_person`
   */
  setPresence(person: PresenceInfo = {}): void {
    this.#presence.set(checkedPerson(person));
  }

  /** Deletes the stream for everyone. @throws MaltenError `owner_required` without the owner's link; `not_found` */
  async end(): Promise<void> {
    if (this.right !== "owner")
      throw new MaltenError("owner_required", "Only the owner's link can end the stream");
    await this.#stream.end(this.#keys.access);
  }

  /** Closes the stream in this program, for all that share its {@link Malten}. */
  close(): void {
    this.#stream.close();
  }

  #listen<T>(
    { name, status, echo = true, ...options }: ListenOptions,
    pick: (events: readonly EncryptedEvent[]) => readonly T[],
  ): AsyncIterableIterator<T, undefined> {
    const person = checkedPerson({ name, status });
    const source = this.#stream.events(options);
    const leave = this.#presence.show(person);
    // A live listener begins later, when others may have sent something.
    const opener = new Opener(this.#keys, this.#isEmpty && options.since === "earliest");
    return new ConvertedIterator(
      source,
      async (event) => {
        const events = await this.#open(opener, event);
        // They are opened all the same: what others send refers to them.
        return pick(echo ? events : events.filter((one) => one.type !== "message" || !one.message.own));
      },
      leave,
    );
  }

  async #open(opener: Opener, event: StreamEvent): Promise<EncryptedEvent[]> {
    switch (event.type) {
      case "message": {
        const { warnings, message } = await opener.open(event.message);
        this.#saw(event.message, opener);
        if (!message) return [...warnings];
        const own = message.sender.id === this.#ownId;
        return [...warnings, { type: "message", message: { ...message, own } }];
      }
      case "gap":
        await opener.gap();
        return [event];
      case "presence":
        return [await this.#presence.open(event)];
      case "welcome":
      case "created":
      case "expiring":
      case "ended":
        return [event];
    }
  }

  /** Remembers the newest message, which the next one that is sent names. Another listener may be at older ones. */
  #saw(message: Message, { lastSeen }: Opener): void {
    const { created, cursor } = this.#seen?.message ?? {};
    const isOlder = created !== undefined && BigInt(message.created) <= BigInt(created);
    const server = (text: string) => text.replace(/^\d+/, "");
    if (isOlder && server(cursor ?? "") === server(message.cursor)) return;
    this.#seen = { message, lastSeen };
  }
}
