// Texts and names that nothing else contains, which have to be found if they are anywhere.
import { randomBytes } from "node:crypto";
import type { Secret } from "./detector.ts";

/** Makes texts, and remembers them. */
export class Canaries {
  readonly secrets: Secret[] = [];

  /** A text with characters of one, two, three and four bytes. */
  text(name: string): string {
    const random = () => randomBytes(24).toString("base64url");
    return this.remember(name, `${random()} Größe 日本 😀 ${random()}`);
  }

  /** The name of a sender or a listener: 32 characters. */
  name(name: string): string {
    return this.remember(name, randomBytes(24).toString("base64url"));
  }

  private remember(name: string, value: string): string {
    this.secrets.push({ name, value });
    return value;
  }
}
