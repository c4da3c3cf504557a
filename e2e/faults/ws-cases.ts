// The cases of the receiver of ws (websockets/ws, test/receiver.test.js) that Autobahn does not have. Those of permessage-deflate
// do not apply: this server accepts no extension, so a compressed frame has a reserved bit that must not be set.
import { clientFrame } from "../../test-support/frames.ts";
import {
  chopped,
  closing,
  frameCase,
  fragments,
  hello,
  HELLO,
  publishing,
  sized,
  type FrameCase,
} from "./frame-case.ts";

const BROKEN = { closed: 1002 };

const key = Buffer.from("3483a868", "hex");

const empty = clientFrame("", { fin: false });

export const WS_RECEIVER: Readonly<Record<string, readonly FrameCase[]>> = {
  "what it accepts": [
    frameCase("a masked text message", [clientFrame(HELLO, { mask: key })], { published: ["Hello, world!"] }),
    frameCase("a close message spanning multiple writes", chopped(2, closing(1000, "DONE")), {
      closed: 1000,
    }),
    frameCase(
      "a message longer than 125 bytes, header and payload apart",
      [
        clientFrame(sized(200), { mask: key }).subarray(0, 2),
        clientFrame(sized(200), { mask: key }).subarray(2),
      ],
      { published: ["of 200"] },
    ),
    frameCase(
      "thousands of empty frames in a buffer",
      [Buffer.concat(Array.from({ length: 2000 }, () => clientFrame("")))],
      {
        answers: Array.from({ length: 2000 }, () => "error bad_json"),
      },
    ),
    frameCase(
      "the length of fragments is counted for each message anew",
      Array.from({ length: 3 }, (_, i) => Buffer.concat(fragments(sized(10_000, `${i}`), 5000))),
      {
        published: ["0", "1", "2"],
      },
    ),
    frameCase("data after a close frame is ignored", [Buffer.concat([closing(1000), hello])], {
      closed: 1000,
    }),
    frameCase(
      "20,000 fragments without content",
      [
        Buffer.concat([
          empty,
          ...Array.from({ length: 20_000 }, () => clientFrame("", { opcode: 0, fin: false })),
          clientFrame(publishing("late"), { opcode: 0 }),
        ]),
      ],
      {
        published: ["late"],
      },
    ),
  ],
  "what it rejects": [
    frameCase("RSV1 without permessage-deflate", [clientFrame("", { opcode: 2, reserved: 4 })], BROKEN),
    frameCase("RSV1 and opcode 0", [clientFrame("", { opcode: 0, fin: false, reserved: 4 })], BROKEN),
    frameCase("RSV2", [clientFrame("", { opcode: 2, reserved: 2 })], BROKEN),
    frameCase("RSV3", [clientFrame("", { opcode: 2, reserved: 1 })], BROKEN),
    frameCase("RSV1 on a control frame", [clientFrame("", { opcode: 9, reserved: 4 })], BROKEN),
    frameCase("opcode 0 first", [clientFrame("", { opcode: 0, fin: false })], BROKEN),
    frameCase("opcode 1 within a message", [empty, empty], BROKEN),
    frameCase("opcode 2 within a message", [empty, clientFrame("", { opcode: 2, fin: false })], BROKEN),
    frameCase("a control frame without FIN", [clientFrame("", { opcode: 9, fin: false })], BROKEN),
    frameCase("a frame that is not masked", [clientFrame(HELLO, { mask: undefined })], BROKEN),
    frameCase("an empty frame that is not masked", [clientFrame("", { mask: undefined })], BROKEN),
    frameCase("a ping that is not masked", [clientFrame("", { opcode: 9, mask: undefined })], BROKEN),
    frameCase(
      "a control frame that claims more than 125 bytes",
      [clientFrame("", { opcode: 9, claimedLength: 126 })],
      BROKEN,
    ),
    frameCase("a length of more than 2^53 - 1", [clientFrame("", { opcode: 2, claimedLength: 2 ** 53 })], {
      closed: 1009,
    }),
    frameCase("text that is not UTF-8", [clientFrame(Buffer.from("cebae1bd", "hex"))], { closed: 1007 }),
    frameCase("a close frame of one byte", [clientFrame("\0", { opcode: 8 })], BROKEN),
    frameCase("a close frame with the code 0", [closing(0)], BROKEN),
    frameCase("a close reason that is not UTF-8", [closing(1007, Buffer.from("cebae1bd", "hex"))], {
      closed: 1007,
    }),
    frameCase("200 KiB", [clientFrame(Buffer.alloc(200 * 1024), { opcode: 2 })], { closed: 1009 }),
  ],
};
