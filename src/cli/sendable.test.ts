import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { faultOf, normalizeText } from "../protocol/text.ts";
import { sendable } from "./sendable.ts";

test("control characters become their symbols, tabs and line ends stay", () => {
  expect(sendable("\u001b[31mred\u001b[0m\u0007")).toBe("␛[31mred␛[0m␇");
  expect(sendable("10%\r20%\r\n\tdone\n\u0000\u007f")).toBe("10%␍20%\r\n\tdone\n␀␡");
});

test("property: what ASCII allows is accepted, as long as before", () => {
  const unit = fc.integer({ min: 0, max: 0x7f }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 1023 }), (text) => {
      const sent = sendable(`x${text}`);
      expect(sent.length).toBe(text.length + 1);
      expect(faultOf(normalizeText(sent))).toBeUndefined();
    }),
  );
});
