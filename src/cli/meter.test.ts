import { expect, test } from "bun:test";
import { Meter, sizeText } from "./meter.ts";

test("formats sizes", () => {
  const expected = {
    0: "0 B",
    999: "999 B",
    1000: "1.0 kB",
    12_345: "12.3 kB",
    104_857_600: "104.9 MB",
    2_500_000_000: "2.5 GB",
    7e15: "7000.0 TB",
  };
  for (const [bytes, text] of Object.entries(expected)) expect(sizeText(Number(bytes))).toBe(text);
});

test("measures the rate of the last five seconds, and the average", () => {
  let now = 1000;
  const meter = new Meter(() => now);
  expect([meter.rate(), meter.average()]).toEqual([0, 0]);
  now += 60_000;
  meter.begin();
  for (let i = 0; i < 10; i++) {
    now += 1000;
    meter.add(100);
    expect(meter.rate()).toBe(100);
  }
  for (let i = 0; i < 6; i++) {
    now += 1000;
    meter.rate();
  }
  expect(meter.rate()).toBe(0);
  now += 4000;
  expect([meter.total, meter.average()]).toEqual([1000, 50]);
});
