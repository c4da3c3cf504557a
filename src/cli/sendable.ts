import { controlPicture } from "../protocol/control-picture.ts";

/** Control characters of ASCII other than tab, newline and the CR before one. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)/g;

/**
 * What a program wrote, as a text that a stream accepts: control characters, which colour a terminal or ring its bell, become their
 * symbols (␛ for ESC). One character each, so that a text within the limit stays within it.
 */
export function sendable(text: string): string {
  return text.replaceAll(CONTROL, controlPicture);
}
