/**
 * What others wrote must not steer the terminal of who reads it: no escape sequences, and no bidirectional controls that
 * reach beyond the text (Trojan Source, CVE-2021-42574). Servers refuse control characters; a hostile one need not.
 */

/** C0 but tab and newline, DEL, C1. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** C0, DEL, C1, and what UAX #9 calls explicit directional formatting: all that may steer a terminal from inside JSON. */
const STEERING = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const ISOLATES = /[\u2066-\u2069]/g;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Control characters made visible: ␛ for ESC. What the protocol allows comes back as it is. */
export function visible(text: string): string {
  return text.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}

/**
 * One line for a terminal, whose direction ends with it: UAX #9 §6.3. Isolates that the text opens are closed, and what it
 * closes without having opened is left out.
 */
export function isolated(line: string): string {
  let open = 0;
  const balanced = visible(line).replaceAll(ISOLATES, (character) => {
    if (character !== POP_ISOLATE) open++;
    else if (open === 0) return "";
    else open--;
    return character;
  });
  return `${FIRST_STRONG_ISOLATE}${balanced}${POP_ISOLATE.repeat(open + 1)}`;
}

/** JSON in one line, in which all that might steer a terminal is escaped; it reads back as it was. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
