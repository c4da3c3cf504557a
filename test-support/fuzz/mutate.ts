import type { Random } from "./random.ts";

/** What parsers trip over when it stands in the wrong place. */
const TOKENS = [
  "\r\n",
  "\n",
  "\r",
  "\r\n\r\n",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "%00",
  "0\r\n\r\n",
  "ffffffffffffffff\r\n",
  "-1",
  "chunked",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: a\r\n",
  "HTTP/1.1",
  "\u001b",
  "\ud83d",
];

/** Changes a few bytes: flips, removes, repeats, inserts, swaps or cuts. */
export function mutate(random: Random, bytes: Buffer): Buffer {
  let changed = bytes;
  for (let times = 1 + random.below(3); times > 0; times--) changed = mutateOnce(random, changed);
  return changed;
}

function mutateOnce(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  const length = Math.min(after.length, 1 + random.below(random.pick([1, 4, 64])));
  return random.call(
    () => Buffer.concat([before, random.bytes(1), after.subarray(1)]),
    () => Buffer.concat([before, flipBit(random, after.subarray(0, 1)), after.subarray(1)]),
    () => Buffer.concat([before, after.subarray(length)]),
    () => Buffer.concat([before, after.subarray(0, length), after]),
    () => Buffer.concat([before, Buffer.from(random.pick(TOKENS)), after]),
    () => Buffer.concat([before, random.bytes(random.below(16)), after]),
    () => Buffer.concat([after, before]),
    () => before,
  );
}

function flipBit(random: Random, byte: Buffer): Buffer {
  return Buffer.from(byte.map((value) => value ^ (1 << random.below(8))));
}

/** Cuts bytes into pieces, which are sent one after the other. */
export function split(random: Random, bytes: Buffer): Buffer[] {
  const cuts = random.some(3, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
}
