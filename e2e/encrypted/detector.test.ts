import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { Detector, encodings, type Secret } from "./detector.ts";

const secrets: Secret[] = [
  { name: "key", value: randomBytes(32) },
  {
    name: "text",
    value: `${randomBytes(24).toString("base64url")} größer 日本 ${randomBytes(24).toString("hex")}`,
  },
];
const detector = new Detector(secrets);

for (const { name, value } of secrets)
  test(`finds a ${name} in every encoding, wherever it is, and half of it`, () => {
    const hidden = Array.from(encodings(value));
    expect(hidden.length).toBeGreaterThan(40);
    for (const [encoding, bytes] of hidden) {
      const hay = randomBytes(5000);
      expect(detector.find(hay)).toEqual([]);
      const half = bytes.subarray(bytes.length / 2);
      for (const [piece, at] of [
        [bytes, 0],
        [bytes, 2001],
        [half, hay.length - half.length],
      ] as const) {
        const copy = Buffer.from(hay);
        piece.copy(copy, at);
        expect(detector.find(copy).join("; ")).toContain(`${name} (${encoding})`);
      }
    }
  });

test("finds 16 bytes of a key wherever they are cut", () => {
  const key = Buffer.from(secrets[0]?.value ?? "");
  for (let start = 0; start <= 16; start++)
    for (const part of [
      key.subarray(start, start + 16),
      Buffer.from(key.subarray(start, start + 16).toReversed()),
    ])
      expect(detector.find(Buffer.concat([randomBytes(9), part, randomBytes(9)])).length).toBeGreaterThan(0);
});
