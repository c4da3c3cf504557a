// WebSocket connections: a handshake, mostly valid, and frames that are mostly not.
import { clientFrame } from "../frames.ts";
import type { Random } from "./random.ts";
import { ODDNESS } from "./http-cases.ts";
import { SEALED, Values } from "./values.ts";

const KEYS = ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==", "x", ""];

const OPCODES = [1, 1, 1, 1, 1, 1, 0, 2, 8, 9, 10, 3, 7, 11, 15];

export function socketCase(random: Random): Buffer {
  const values = new Values(random, random.pick(ODDNESS));
  return Buffer.concat([handshake(random, values), ...random.some(8, () => frame(random, values))]);
}

function handshake(random: Random, values: Values): Buffer {
  const query = random.oneIn(3) ? `?${values.form(3)}` : `?stream=${random.pick(["a", "b"])}&last=earliest`;
  const subprotocol = random.oneIn(3)
    ? `Sec-WebSocket-Protocol: ${random.pick(["malten.lines", "x, malten.lines", ",", "é"])}\r\n`
    : "";
  const extensions = random.oneIn(4)
    ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
    : "";
  return Buffer.from(
    `GET /events${query} HTTP/1.1\r\nHost: localhost\r\nConnection: ${random.pick(["Upgrade", "Upgrade", "keep-alive, upgrade", "close"])}\r\n` +
      `Upgrade: ${random.pick(["websocket", "websocket", "WebSocket", "h2c"])}\r\nSec-WebSocket-Version: ${random.pick([13, 13, 13, 8])}\r\n` +
      `Sec-WebSocket-Key: ${random.pick(KEYS)}\r\n${subprotocol}${extensions}\r\n`,
  );
}

function frame(random: Random, values: Values): Buffer {
  const opcode = random.pick(OPCODES);
  const payload =
    opcode === 8
      ? closing(random)
      : opcode === 1
        ? message(random, values)
        : random.bytes(random.pick([0, 1, 125, 126, 400]));
  return clientFrame(payload, {
    opcode,
    fin: !random.oneIn(8),
    reserved: random.oneIn(15) ? random.below(8) : 0,
    mask: random.oneIn(25) ? undefined : random.bytes(4),
    ...(random.oneIn(20) && {
      claimedLength: random.pick([
        0,
        126,
        16_384,
        16_385,
        65_535,
        65_536,
        2 ** 31,
        2 ** 53,
        payload.length + 1,
      ]),
    }),
  });
}

function closing(random: Random): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(random.pick([1000, 1001, 1005, 1006, 1016, 2999, 3000, 4999, 5000, 0, 65_535]));
  return random.call(
    () => Buffer.alloc(0),
    () => random.bytes(1),
    () => code,
    () => Buffer.concat([code, random.bytes(random.below(124))]),
  );
}

/** The JSON of a client's frame, or something like it. */
function message(random: Random, values: Values): Buffer {
  const stream = () => values.stream();
  const person = random.oneIn(2)
    ? { Name: values.any(() => values.text(34)), Status: values.any(() => values.status()) }
    : {};
  const fields: Record<string, unknown> = random.call<Record<string, unknown>>(
    () => ({ Type: "message", Text: values.any(() => values.text()) }),
    () => ({ Type: "message", Stream: values.any(stream), Text: values.any(() => values.text()), ...person }),
    () => ({
      Type: "subscribe",
      Stream: values.any(stream),
      Last: values.any(() => values.cursor()),
      ...person,
    }),
    () => ({ Type: "subscribe", Stream: `s${random.below(300)}`, ...person }),
    () => ({ Type: "unsubscribe", Stream: values.any(stream) }),
    () => ({ Type: "presence", ...person }),
    () => ({ Type: values.any(() => "ping") }),
    () => ({ [values.text(10)]: values.text(100) }),
  );
  if (fields["Stream"] === SEALED.name) fields["Access"] = values.any(() => values.access());
  if (random.oneIn(2)) fields["Ref"] = values.any(() => random.pick([1, values.ref()]));
  const json = values.json(fields);
  return random.oneIn(12) ? Buffer.from(json, "utf16le") : Buffer.from(json);
}
