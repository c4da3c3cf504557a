import { renew } from "../../crypto/bounded-map.ts";
import { SealedReceiver, type Finding } from "../../crypto/sealed-receiver.ts";
import type { StreamKeys } from "../../crypto/secrets.ts";
import type { Message } from "../message.ts";
import { isName, isText } from "./checks.ts";
import type { EncryptedMessage, Warning, WarningCode } from "./types.ts";

const TEXTS: Readonly<Record<WarningCode, string>> = {
  missing: "Messages are missing, and the server does not say so",
  replayed: "The server sent a message again. It was left out",
  reordered: "The server sent this message late",
  altered: "A message was changed, or is not from anyone with the writer's link. It was left out",
  split: "The server shows others something else",
  voided: "Messages that seemed to be missing were never sent",
  unsupported: "A newer version of Malten sent a message that this one cannot read",
};

/** What a message turned out to be. */
export interface Opened {
  readonly warnings: readonly Warning[];
  readonly message: EncryptedMessage | undefined;
}

/** Messages whose ids are remembered: several times as many as a stream keeps. */
const MAX_IDS = 4096;

/** Opens the messages of one listener, in the order of the stream. */
export class Opener {
  readonly #receiver: SealedReceiver;
  /** How many gaps there were when each message came, by its id: after a gap, an honest server may send it once more. */
  readonly #gapsBefore = new Map<string, number>();
  #gaps = 0;

  /** `isComplete`: nobody can have published anything before. */
  constructor(keys: StreamKeys, isComplete = false) {
    this.#receiver = new SealedReceiver(keys, { isComplete });
  }

  /** The beginning of the hash of the latest message. */
  get lastSeen(): SealedReceiver["lastSeen"] {
    return this.#receiver.lastSeen;
  }

  /** The server says that messages are missing here. */
  gap(): Promise<void> {
    this.#gaps++;
    return this.#receiver.gap();
  }

  async open(received: Message): Promise<Opened> {
    // A name beside the envelope is not the sender's.
    const { name: _, ...sealed } = received;
    const isRepeated = this.#isRepeated(sealed.id);
    const { message, findings } = await this.#receiver.receive(sealed.text);
    const warnings = findings.flatMap((finding) =>
      isRepeated && finding.code === "replayed" ? [] : warningOf(finding),
    );
    if (!message) return { warnings, message: undefined };
    const { text, name, sender } = message;
    // A server refuses such texts on plain streams. Here only the sender could.
    if (!isText(text)) {
      return { warnings: [...warnings, warning("altered", { sender: sender.id })], message: undefined };
    }
    return { warnings, message: { ...sealed, text, sender, ...(name && isName(name) && { name }) } };
  }

  /** Whether the message came before the latest gap, and not again since. */
  #isRepeated(id: string): boolean {
    const gapsBefore = this.#gapsBefore.get(id) ?? this.#gaps;
    renew(this.#gapsBefore, id, this.#gaps, MAX_IDS);
    return gapsBefore < this.#gaps;
  }
}

function warningOf({ code, ...about }: Finding): Warning[] {
  // The event of the gap tells it.
  return code === "gap" ? [] : [warning(code, about)];
}

function warning(code: WarningCode, about: Omit<Finding, "code">): Warning {
  return { type: "warning", code, text: TEXTS[code], ...about };
}
