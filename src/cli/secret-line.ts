/** Longest line kept: more than any link has. */
const MAX_LENGTH = 4096;

/** Keys that send several characters, such as arrows, and the marks around pasted text: ECMA-48 §5.4, and SS3. */
const ESCAPE_SEQUENCE = /\u001b(\[[0-9;?]*[ -/]*[@-~]|O.)/g;

type Progress = "more" | "done" | "interrupted";

/** A line typed or pasted on a terminal in raw mode, which does not edit lines itself. */
export class SecretLine {
  private characters: string[] = [];

  get text(): string {
    return this.characters.join("");
  }

  /** Takes what was typed. `interrupted` means Ctrl-C. What follows the end of the line is dropped. */
  feed(typed: string): Progress {
    for (const character of typed.replaceAll(ESCAPE_SEQUENCE, "")) {
      switch (character) {
        case "\r":
        case "\n":
          return "done";
        case "\u0003": // Ctrl-C
          return "interrupted";
        case "\u0004": // Ctrl-D
          if (this.characters.length === 0) return "done";
          break;
        case "\u0008":
        case "\u007f": // Backspace
          this.characters.pop();
          break;
        case "\u0015": // Ctrl-U
          this.characters = [];
          break;
        default:
          if (character >= " " && this.characters.length < MAX_LENGTH) this.characters.push(character);
      }
    }
    return "more";
  }
}
