// Case 7 of the Autobahn test suite: closing.
import { clientFrame } from "../../test-support/frames.ts";
import { closing, frameCase, hello, HELLO, LONGEST, ping, sized, type FrameCase } from "./frame-case.ts";

const NORMAL = { closed: 1000 };

const BROKEN = { closed: 1002 };

const begin = clientFrame(HELLO.slice(0, 20), { fin: false });
const rest = clientFrame(HELLO.slice(20), { opcode: 0 });

/** The longest reason, and one byte more. */
const REASON = "*".repeat(123);

export const AUTOBAHN_CLOSING: Readonly<Record<string, readonly FrameCase[]>> = {
  "the closing handshake": [
    frameCase("7.1.1", [hello, closing(1000)], { published: ["Hello, world!"], ...NORMAL }),
    frameCase("7.1.2", [closing(1000), closing(1000)], NORMAL),
    frameCase("7.1.3", [closing(1000), ping], NORMAL),
    frameCase("7.1.4", [closing(1000), hello], NORMAL),
    frameCase("7.1.5", [begin, closing(1000), rest], NORMAL),
    frameCase("7.1.6, of 16 KiB", [clientFrame(sized(LONGEST)), closing(1000), ping], {
      published: [`of ${LONGEST}`],
      ...NORMAL,
    }),
    // 1005 stands for a close frame without a code (RFC 6455 §7.1.5).
    frameCase("7.3.1", [closing()], { closed: 1005 }),
    frameCase("7.3.2", [clientFrame("a", { opcode: 8 })], BROKEN),
    frameCase("7.3.3", [closing(1000)], NORMAL),
    frameCase("7.3.4", [closing(1000, "Hello, world!")], NORMAL),
    frameCase("7.3.5", [closing(1000, REASON)], NORMAL),
    frameCase("7.3.6", [closing(1000, `${REASON}*`)], BROKEN),
    frameCase("7.5.1", [closing(1000, Buffer.from("cebae1bdb9cf83cebcceb5eda080656469746564", "hex"))], {
      closed: 1007,
    }),
  ],
  "close codes": [
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map((code, i) =>
      frameCase(`7.7.${i + 1}, ${code}`, [closing(code)], { closed: code }),
    ),
    ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999].map((code, i) =>
      frameCase(`7.9.${i + 1}, ${code}`, [closing(code)], BROKEN),
    ),
    frameCase("7.13.1, 5000", [closing(5000)], BROKEN),
    frameCase("7.13.2, 65535", [closing(65_535)], BROKEN),
  ],
};
