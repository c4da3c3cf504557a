// Cases 1 to 5 of the Autobahn test suite (crossbario/autobahn-testsuite, autobahntestsuite/case), adapted to a server that does not
// echo: where a message must come back there, a frame of this protocol, padded to the same length, is published and arrives here.
// What is not a frame of this protocol is answered with an error, and the connection stays open.
import { clientFrame } from "../../test-support/frames.ts";
import {
  chopped,
  fragments,
  frameCase,
  hello,
  HELLO,
  LONGEST,
  ping,
  sized,
  type FrameCase,
} from "./frame-case.ts";

const PUBLISHED = { published: ["Hello, world!"] };

const BROKEN = { closed: 1002 };

const bytewise = (...frames: readonly Buffer[]): Buffer[] => chopped(1, ...frames);

/** 1: text and binary messages by length. */
const framing: readonly FrameCase[] = [
  frameCase("1.1.1", [clientFrame("")], { answers: ["error bad_json"] }),
  ...[125, 126, 127, 128].map((length, i) =>
    frameCase(`1.1.${i + 2}`, [clientFrame(sized(length))], { published: [`of ${length}`] }),
  ),
  ...[65_535, 65_536].map((length, i) =>
    frameCase(`1.1.${i + 6}`, [clientFrame(sized(length))], { closed: 1009 }),
  ),
  frameCase("1.1.8, of 16 KiB", chopped(997, clientFrame(sized(LONGEST))), { published: [`of ${LONGEST}`] }),
  ...[0, 125, 126, 127, 128].map((length, i) =>
    frameCase(`1.2.${i + 1}`, [clientFrame(Buffer.alloc(length, 0xfe), { opcode: 2 })], {
      answers: ["error bad_request"],
    }),
  ),
  ...[65_535, 65_536].map((length, i) =>
    frameCase(`1.2.${i + 6}`, [clientFrame(Buffer.alloc(length, 0xfe), { opcode: 2 })], { closed: 1009 }),
  ),
  frameCase("1.2.8, of 16 KiB", chopped(997, clientFrame(Buffer.alloc(LONGEST, 0xfe), { opcode: 2 })), {
    answers: ["error bad_request"],
  }),
];

const binary = "\u0000\u00ff\u00fe\u00fd\u00fc\u00fb\u0000\u00ff";
const longest = Buffer.alloc(125, 0xfe);
const longestPong = { answers: [`pong ${longest.toString("latin1")}`] };
const tenPings = Array.from({ length: 10 }, (_, i) => clientFrame(`payload-${i}`, { opcode: 9 }));
const tenPongs = { answers: tenPings.map((_, i) => `pong payload-${i}`) };
const unsolicited = clientFrame("unsolicited pong payload", { opcode: 10 });

/** 2: pings and pongs. */
const pings: readonly FrameCase[] = [
  frameCase("2.1", [ping], { answers: ["pong "] }),
  frameCase("2.2", [clientFrame("Hello, world!", { opcode: 9 })], { answers: ["pong Hello, world!"] }),
  frameCase("2.3", [clientFrame(Buffer.from(binary, "latin1"), { opcode: 9 })], {
    answers: [`pong ${binary}`],
  }),
  frameCase("2.4", [clientFrame(longest, { opcode: 9 })], longestPong),
  frameCase("2.5", [clientFrame(Buffer.alloc(126, 0xfe), { opcode: 9 })], BROKEN),
  frameCase("2.6", bytewise(clientFrame(longest, { opcode: 9 })), longestPong),
  frameCase("2.7", [clientFrame("", { opcode: 10 })]),
  frameCase("2.8", [unsolicited]),
  frameCase("2.9", [unsolicited, clientFrame("ping payload", { opcode: 9 })], {
    answers: ["pong ping payload"],
  }),
  frameCase("2.10", tenPings, tenPongs),
  frameCase("2.11", bytewise(...tenPings), tenPongs),
];

/** 3: reserved bits. */
const reserved: readonly FrameCase[] = [
  frameCase("3.1", [clientFrame(HELLO, { reserved: 1 })], BROKEN),
  frameCase("3.2", [hello, clientFrame(HELLO, { reserved: 2 }), ping], { ...PUBLISHED, ...BROKEN }),
  frameCase("3.3", [hello, clientFrame(HELLO, { reserved: 3 }), ping], { ...PUBLISHED, ...BROKEN }),
  frameCase("3.4", bytewise(hello, clientFrame(HELLO, { reserved: 4 }), ping), { ...PUBLISHED, ...BROKEN }),
  frameCase("3.5", [clientFrame(HELLO, { opcode: 2, reserved: 5 })], BROKEN),
  frameCase("3.6", [clientFrame("Hello, world!", { opcode: 9, reserved: 6 })], BROKEN),
  frameCase("3.7", [clientFrame("", { opcode: 8, reserved: 7 })], BROKEN),
];

/** 4: reserved opcodes, of data frames and of control frames. */
const opcodes: readonly FrameCase[] = [3, 11].flatMap((first, group) => {
  const odd = (offset: number, payload = "") => clientFrame(payload, { opcode: first + offset });
  const id = `4.${group + 1}`;
  return [
    frameCase(`${id}.1`, [odd(0)], BROKEN),
    frameCase(`${id}.2`, [odd(1, "reserved opcode payload")], BROKEN),
    frameCase(`${id}.3`, [hello, odd(2), ping], { ...PUBLISHED, ...BROKEN }),
    frameCase(`${id}.4`, [hello, odd(3, "reserved opcode payload"), ping], { ...PUBLISHED, ...BROKEN }),
    frameCase(`${id}.5`, bytewise(hello, odd(4, "reserved opcode payload"), ping), {
      ...PUBLISHED,
      ...BROKEN,
    }),
  ];
});

const inTwo = fragments(HELLO, 20);
const [begin, rest] = [
  clientFrame(HELLO.slice(0, 20), { fin: false }),
  clientFrame(HELLO.slice(20), { opcode: 0 }),
];
const midPing = clientFrame("ping payload", { opcode: 9 });
const WITH_PONG = { ...PUBLISHED, answers: ["pong ping payload"] };
/** A continuation of nothing, as the last or as another fragment. */
const [lone, loneOpen] = [true, false].map((fin) =>
  clientFrame("non-continuation payload", { opcode: 0, fin }),
);
const inFive = fragments(HELLO, 9);

/** 5: fragments. */
const fragmented: readonly FrameCase[] = [
  frameCase("5.1", fragments("fragment1fragment2", 9, 9), BROKEN),
  frameCase("5.2", fragments("fragment1fragment2", 9, 10), BROKEN),
  frameCase("5.3", inTwo, PUBLISHED),
  frameCase("5.4", [Buffer.concat(inTwo)], PUBLISHED),
  frameCase("5.5", bytewise(...inTwo), PUBLISHED),
  frameCase("5.6", [begin, midPing, rest], WITH_PONG),
  frameCase("5.7", [Buffer.concat([begin, midPing, rest])], WITH_PONG),
  frameCase("5.8", bytewise(begin, midPing, rest), WITH_PONG),
  ...[lone, loneOpen].flatMap((continuation = Buffer.alloc(0), i) => [
    frameCase(`5.${9 + 3 * i}`, [continuation, hello], BROKEN),
    frameCase(`5.${10 + 3 * i}`, [Buffer.concat([continuation, hello])], BROKEN),
    frameCase(`5.${11 + 3 * i}`, bytewise(continuation, hello), BROKEN),
  ]),
  frameCase("5.15", [...inTwo, loneOpen ?? ping, hello], { ...PUBLISHED, ...BROKEN }),
  frameCase("5.16", [loneOpen ?? ping, ...inTwo, loneOpen ?? ping, ...inTwo], BROKEN),
  frameCase("5.17", [lone ?? ping, ...inTwo, lone ?? ping, ...inTwo], BROKEN),
  frameCase("5.18", [begin, clientFrame(HELLO.slice(20))], BROKEN),
  ...["5.19", "5.20"].map((id) => {
    const [one = ping, two = ping, three = ping, four = ping, ...last] = inFive;
    const pieces = [one, two, midPing, three, four, midPing, ...last];
    const answers = ["pong ping payload", "pong ping payload"];
    return frameCase(id, id === "5.19" ? pieces : [Buffer.concat(pieces)], { ...PUBLISHED, answers });
  }),
];

/** 9.1 to 9.6, up to the longest frame of this server; 10.1.1: a message in fragments of 1300 bytes. */
const large: readonly FrameCase[] = [
  frameCase("9.1.1, of 16 KiB", [clientFrame(sized(LONGEST))], { published: [`of ${LONGEST}`] }),
  ...[64, 256, 1024, 4096, 8192, 16_384].map((kilobytes, i) =>
    frameCase(`9.1.${i + 1}`, [clientFrame(Buffer.alloc(kilobytes * 1024, "*"))], { closed: 1009 }),
  ),
  frameCase("9.2.1, of 16 KiB", [clientFrame(Buffer.alloc(LONGEST), { opcode: 2 })], {
    answers: ["error bad_request"],
  }),
  ...[64, 256, 1024, 4096, 8192, 16_384].map((kilobytes, i) =>
    frameCase(`9.2.${i + 1}`, [clientFrame(Buffer.alloc(kilobytes * 1024), { opcode: 2 })], { closed: 1009 }),
  ),
  ...[64, 256, 1024, 4096, LONGEST].flatMap((size, i) => [
    frameCase(`9.3.${i + 1}, of 16 KiB`, [Buffer.concat(fragments(sized(LONGEST), size))], {
      published: [`of ${LONGEST}`],
    }),
    frameCase(`9.3.${i + 1}, of 1 MiB`, [Buffer.concat(fragments(sized(LONGEST * 64), size))], {
      closed: 1009,
    }),
    frameCase(`9.4.${i + 1}, of 16 KiB`, [Buffer.concat(fragments(Buffer.alloc(LONGEST), size, 2))], {
      answers: ["error bad_request"],
    }),
  ]),
  ...[64, 128, 256, 512, 1024, 2048].flatMap((size, i) => [
    frameCase(`9.5.${i + 1}, of 16 KiB`, chopped(size, clientFrame(sized(LONGEST))), {
      published: [`of ${LONGEST}`],
    }),
    frameCase(`9.6.${i + 1}, of 16 KiB`, chopped(size, clientFrame(Buffer.alloc(LONGEST), { opcode: 2 })), {
      answers: ["error bad_request"],
    }),
  ]),
  frameCase("10.1.1, of 16 KiB", fragments(sized(LONGEST), 1300), { published: [`of ${LONGEST}`] }),
  frameCase("beyond the limit by one byte", [clientFrame(sized(LONGEST + 1))], { closed: 1009 }),
  frameCase("beyond the limit in the last fragment", [Buffer.concat(fragments(sized(LONGEST + 1), 1300))], {
    closed: 1009,
  }),
  frameCase("a length that is only claimed", [clientFrame("", { claimedLength: 2 ** 40 })], { closed: 1009 }),
];

/** 9.7 and 9.8: a thousand messages of each size. */
const many: readonly FrameCase[] = [64, 256, 1024, 4096].flatMap((size, i) => [
  frameCase(
    `9.7.${i + 3}`,
    Array.from({ length: 1000 }, (_, number) => clientFrame(sized(size, `${number}`))),
    {
      published: Array.from({ length: 1000 }, (_, number) => `${number}`),
    },
  ),
  frameCase(
    `9.8.${i + 3}`,
    Array.from({ length: 1000 }, () => clientFrame(Buffer.alloc(size), { opcode: 2 })),
    {
      answers: Array.from({ length: 1000 }, () => "error bad_request"),
    },
  ),
]);

export const AUTOBAHN: Readonly<Record<string, readonly FrameCase[]>> = {
  framing,
  "pings and pongs": pings,
  "reserved bits": reserved,
  "reserved opcodes": opcodes,
  fragmentation: fragmented,
  "limits and performance": [...large, ...many],
};
