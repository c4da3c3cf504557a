/**
 * Makes text from others safe to print on a terminal: no escape sequences, no bidirectional controls that reach beyond the text
 * (Trojan Source, CVE-2021-42574). Servers reject control characters, but a hostile server may send them.
 */

/** C0 except tab and newline, DEL, C1. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** DEL, C1 and the explicit directional formatting characters of UAX #9, which JSON does not escape by itself. */
const STEERING = /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

const ISOLATES = /[\u2066-\u2069]/g;

const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** Makes control characters visible: ␛ for ESC. Text that the protocol allows is unchanged. */
export function visible(text: string): string {
  return text.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}

/**
 * Isolates the text direction of a line from what surrounds it, UAX #9 §6.3. Closes the isolates that the line leaves open, and
 * drops closing characters without an opening one.
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

/** JSON on one line that is safe to print on a terminal: control characters are escaped. */
export function json(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    STEERING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
