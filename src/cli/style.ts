import { Plain } from "./plain.ts";

/** SGR (ECMA-48 §8.3.117) with the picture of ESC, as `malten send` sends it. */
const SEQUENCE = /\u241b\[([0-9;:]{0,64})m/g;

/** Parameters of SGR, one after the other: a colour takes several. */
const PARAMETER = /[34]8;5;\d{1,3}(?=;|$)|[34]8;2;\d{1,3};\d{1,3};\d{1,3}(?=;|$)|[\d:]+|(?<=^|;)(?=;|$)/g;

const COLOUR = /^([34]8)[;:](?:5[;:]\d{1,3}|2[;:](?:\d*:)?\d{1,3}[;:]\d{1,3}[;:]\d{1,3})$/;

const UNDERLINE = /^4:[0-5]$/;

/** Bold, dim, italic, underlined, inverse, struck out, what ends them, and colours: nothing that hides or blinks. */
const SHOWN = /^(?:[0-4]|7|9|2[1-47]|29|[34][0-79]|9[0-7]|10[0-7])$/;

/** Gives the rows of a line the colours that it had before it was sent; none where there are no colours. */
export function styled(rows: readonly Plain[], hasColours: boolean): Plain[] {
  const style = new Style();
  return rows.map(({ text }) => {
    if (!hasColours) return Plain.own(text.replaceAll(SEQUENCE, ""));
    const before = style.sequence;
    let hasStyle = before !== "";
    const shown = text.replaceAll(SEQUENCE, (_, parameters: string) => {
      const taken = style.take(parameters);
      hasStyle ||= taken !== "";
      return taken;
    });
    return Plain.own(hasStyle ? `${before}${shown}\u001b[0m` : shown);
  });
}

/** How text looks after some sequences. */
class Style {
  /** What is on, by what it replaces: one colour, one background. In the order in which it came. */
  private readonly codes = new Map<string, string>();

  /** The sequence that brings it about. */
  get sequence(): string {
    return sequenceOf([...this.codes.values()]);
  }

  /** Adds parameters. Returns the sequence for those of them that hide nothing. */
  take(parameters: string): string {
    const shown: string[] = [];
    for (const [parameter] of parameters.matchAll(PARAMETER)) {
      // What follows a colour that terminals do not know, they may read in different ways.
      if (/^[345]8$/.test(parameter)) break;
      const code = /^\d*$/.test(parameter) ? String(Number(parameter)) : parameter;
      if (!SHOWN.test(code) && !COLOUR.test(code) && !UNDERLINE.test(code)) continue;
      shown.push(code);
      this.set(code);
    }
    const ground = this.codes.get("ground");
    if (ground !== undefined && colourOf(ground) === colourOf(this.codes.get("colour"))) {
      this.codes.delete("ground");
      shown.push("49");
    }
    return sequenceOf(shown);
  }

  private set(code: string): void {
    if (code === "0") return this.codes.clear();
    const key = /^[39]\d/.test(code) ? "colour" : /^(?:4\d|10\d)/.test(code) ? "ground" : code;
    this.codes.delete(key);
    this.codes.set(key, code);
  }
}

function sequenceOf(parameters: readonly string[]): string {
  return parameters.length === 0 ? "" : `\u001b[${parameters.join(";")}m`;
}

/** A colour, or that of a background, however it is written; undefined for the terminal's own. */
function colourOf(code = ""): string | undefined {
  if (code === "39" || code === "49" || code === "") return undefined;
  const [first = "", ...rest] = code.split(/[;:]/);
  const [kind] = rest;
  if (kind !== undefined) return [kind, ...rest.slice(kind === "5" ? -1 : -3).map(Number)].join();
  const number = Number(first);
  return `5,${number < 90 ? number % 10 : (number % 10) + 8}`;
}
