/**
 * Returns the symbol that Unicode has for a control character of ASCII, such as ␛ for ESC. Texts cannot contain the character itself;
 * clients that send the output of programs put the symbol in its place.
 */
export function controlPicture(character: string): string {
  return character === DELETE ? DELETE_PICTURE : String.fromCharCode(PICTURES + character.charCodeAt(0));
}

/** The block "Control Pictures" begins with the symbol of NUL. */
const PICTURES = 0x2400;

const DELETE = "\u007f";
const DELETE_PICTURE = "\u2421";
