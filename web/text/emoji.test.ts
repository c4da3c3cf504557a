import { expect, test } from "bun:test";
import { isEmojiOnly } from "./emoji.ts";

for (const text of ["🎉", "👍🏽", "🇩🇪🇫🇷", "👨‍👩‍👧‍👦", "1️⃣", "❤️ ❤️\n❤️"])
  test(`consists of emoji: ${text}`, () => expect(isEmojiOnly(text)).toBe(true));

for (const text of [
  "",
  " ",
  "1",
  "©",
  "#",
  "a🎉",
  "🎉!",
  "🎉".repeat(7),
  "👍🏽".repeat(500),
  "\u200D",
  "\uFE0F",
])
  test(`does not: ${text.slice(0, 20)}`, () => expect(isEmojiOnly(text)).toBe(false));
