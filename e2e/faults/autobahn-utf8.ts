// Case 6 of the Autobahn test suite: UTF-8. The sequences of 6.5 to 6.23 are those of Markus Kuhn's UTF-8-test.txt.
// Where a message must come back there, its text is published here; controls and noncharacters follow the rules for texts.
import { clientFrame } from "../../test-support/frames.ts";
import { fragments, frameCase, publishing, type FrameCase } from "./frame-case.ts";

const KOSME = "κόσμε";

const GREETING = "Hello-µ@ßöäüàá-UTF-8!!";

/** Not a scalar value: a surrogate, and one beyond U+10FFFF. */
const SURROGATE = Buffer.from("eda080", "hex");
const BEYOND = Buffer.from("f4908080", "hex");

const NOT_UTF8 = { closed: 1007 };

/** The frame of a message whose text has these bytes. */
function around(...text: readonly (string | Uint8Array)[]): Buffer {
  const [before = "", after = ""] = publishing("|").split("|");
  return Buffer.concat([before, ...text, after].map((part) => Buffer.from(part)));
}

/** The fragments of a message, cut at these places. */
function cut(payload: Buffer, ...places: readonly number[]): Buffer[] {
  const edges = [0, ...places, payload.length];
  return edges.slice(1).map((end, i) => {
    const options = { opcode: i === 0 ? 1 : 0, fin: i === edges.length - 2 };
    return clientFrame(payload.subarray(edges[i], end), options);
  });
}

const invalid = around(KOSME, SURROGATE, "edited");
const beyond = around(KOSME, BEYOND, "edited");
const place = beyond.indexOf(BEYOND);
const beyondFrame = clientFrame(beyond);
const framePlace = beyondFrame.indexOf(BEYOND);

const messages: readonly FrameCase[] = [
  frameCase("6.1.1", [clientFrame("")], { answers: ["error bad_json"] }),
  frameCase(
    "6.1.2",
    [
      clientFrame("", { fin: false }),
      clientFrame("", { opcode: 0, fin: false }),
      clientFrame("", { opcode: 0 }),
    ],
    {
      answers: ["error bad_json"],
    },
  ),
  frameCase("6.1.3", cut(around("middle"), 0, around("middle").length), { published: ["middle"] }),
  frameCase("6.2.1", [clientFrame(publishing(GREETING))], { published: [GREETING] }),
  frameCase("6.2.2", cut(around(GREETING), around("").length), { published: [GREETING] }),
  frameCase("6.2.3", fragments(publishing(GREETING), 1), { published: [GREETING] }),
  frameCase("6.2.4", fragments(publishing(KOSME), 1), { published: [KOSME] }),
  frameCase("6.3.1", [clientFrame(invalid)], NOT_UTF8),
  frameCase("6.3.2", fragments(invalid, 1), NOT_UTF8),
  // Autobahn prefers that 6.4 fails as soon as the bytes cannot become UTF-8 any more. The runtime looks at the whole message.
  frameCase("6.4.1", cut(beyond, place, place + 4), NOT_UTF8),
  frameCase("6.4.2", cut(beyond, place + 1, place + 2), NOT_UTF8),
  frameCase(
    "6.4.3",
    [
      beyondFrame.subarray(0, framePlace),
      beyondFrame.subarray(framePlace, framePlace + 4),
      beyondFrame.subarray(framePlace + 4),
    ],
    NOT_UTF8,
  ),
  frameCase(
    "6.4.4",
    [
      beyondFrame.subarray(0, framePlace + 1),
      beyondFrame.subarray(framePlace + 1, framePlace + 2),
      beyondFrame.subarray(framePlace + 2),
    ],
    NOT_UTF8,
  ),
];

const range = (from: number, below: number) => Array.from({ length: below - from }, (_, i) => from + i);

/** Start bytes, each followed by a space. */
const lonely = (from: number, below: number) =>
  Buffer.from(range(from, below).flatMap((byte) => [byte, 0x20])).toString("hex");

/** Sequences whose last byte is missing. */
const CUT_SHORT = "c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf";

/** The sequences of 6.5 to 6.23, in hexadecimal; each group is one number. */
const SEQUENCES: readonly [group: string, sequences: string][] = [
  [
    "some valid UTF-8",
    "68656c6c6f24776f726c64 68656c6c6fc2a2776f726c64 68656c6c6fe282ac776f726c64 68656c6c6ff0a4ada2776f726c64 cebae1bdb9cf83cebcceb5",
  ],
  [
    "all prefixes of valid UTF-8",
    range(1, 12)
      .map((length) => "cebae1bdb9cf83cebcceb5".slice(0, 2 * length))
      .join(" "),
  ],
  ["first sequences of a length", "00 c280 e0a080 f0908080"],
  ["first sequences of length 5 and 6", "f888808080 fc8480808080"],
  ["last sequences of a length", "7f dfbf efbfbf f48fbfbf"],
  ["last sequences of length 4, 5 and 6", "f7bfbfbf fbbfbfbfbf fdbfbfbfbfbf"],
  ["other boundaries", "ed9fbf ee8080 efbfbd f48fbfbf f4908080"],
  [
    "unexpected continuations",
    `80 bf 80bf 80bf80 80bf80bf 80bf80bf80 80bf80bf80bf ${Buffer.from(range(0x80, 0xbf)).toString("hex")}`,
  ],
  [
    "lonely starts",
    [lonely(0xc0, 0xdf), lonely(0xe0, 0xef), lonely(0xf0, 0xf7), lonely(0xf8, 0xfb), lonely(0xfc, 0xfd)].join(
      " ",
    ),
  ],
  ["sequences cut short", CUT_SHORT],
  ["sequences cut short, joined", CUT_SHORT.replaceAll(" ", "")],
  ["impossible bytes", "fe ff fefeffff"],
  ["overlong slashes", "c0af e080af f08080af f8808080af fc80808080af"],
  ["longest overlong sequences", "c1bf e09fbf f08fbfbf f887bfbfbf fc83bfbfbfbf"],
  ["overlong NULs", "c080 e08080 f0808080 f880808080 fc8080808080"],
  ["lone surrogates", "eda080 edadbf edae80 edafbf edb080 edbe80 edbfbf"],
  [
    "pairs of surrogates",
    "eda080edb080 eda080edbfbf edadbfedb080 edadbfedbfbf edae80edb080 edae80edbfbf edafbfedb080 edafbfedbfbf",
  ],
  [
    "noncharacters",
    "efbfbe efbfbf f09fbfbe f09fbfbf f0afbfbe f0afbfbf f0bfbfbe f0bfbfbf f18fbfbe f19fbfbf f2afbfbe f3bfbfbf f48fbfbe f48fbfbf",
  ],
  ["specials", "efbfb9 efbfba efbfbb efbfbc efbfbd efbfbe efbfbf"],
];

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns what a message of these bytes is answered with. */
function sequenceCase(id: string, hex: string): FrameCase {
  const bytes = Buffer.from(hex, "hex");
  const pieces = [clientFrame(around(bytes))];
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    return frameCase(id, pieces, NOT_UTF8);
  }
  // Raw controls are not JSON; the others are not allowed in a text.
  if (/[\0-\u001f]/.test(text)) return frameCase(id, pieces, { answers: ["error bad_json"] });
  return /[\u007f-\u009f]/.test(text)
    ? frameCase(id, pieces, { answers: ["error text_control"] })
    : frameCase(id, pieces, { published: [text] });
}

export const AUTOBAHN_UTF8: Readonly<Record<string, readonly FrameCase[]>> = {
  "UTF-8": messages,
  ...Object.fromEntries(
    SEQUENCES.map(([group, sequences], i) => [
      group,
      sequences.split(" ").map((hex, j) => sequenceCase(`6.${5 + i}.${j + 1}`, hex)),
    ]),
  ),
};
