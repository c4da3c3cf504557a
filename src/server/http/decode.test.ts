import { describe, expect, test } from "bun:test";
import { decodeForm, decodeUtf8 } from "./decode.ts";

describe("decodeForm", () => {
  const decoded: Record<string, string> = {
    "": "",
    hello: "hello",
    "a+b": "a b",
    "a%2Bb": "a+b",
    "%2b%2B": "++",
    "a%20b": "a b",
    "%C3%A9": "é",
    é: "é",
    "%F0%9F%98%80": "😀",
    "100%": "100%",
    "%": "%",
    "%%": "%%",
    "%2": "%2",
    "%zz": "%zz",
    "%2%41": "%2A",
    "%%41": "%A",
    "%4%4a1": "%4J1",
    "%%%C3%A9é": "%%éé",
    "%+%": "% %",
    "%u0041": "%u0041",
    "%00": "\u0000",
    "%EF%BB%BFa": "\uFEFFa",
    "%EF%BB%BF%": "\uFEFF%",
    "%25%32%35": "%25",
  };
  for (const [encoded, text] of Object.entries(decoded)) {
    test(JSON.stringify(encoded), () => {
      expect(decodeForm(encoded)).toBe(text);
    });
  }

  const rejected = ["%ff", "%C3", "%C3%28", "%ED%A0%80", "%C0%80", "%F4%90%80%80", "%E2%82", "a%ff%", "%80é"];
  for (const encoded of rejected) {
    test(`rejects ${encoded}`, () => {
      expect(() => decodeForm(encoded)).toThrow(expect.objectContaining({ code: "bad_encoding" }));
    });
  }

  test("agrees with the URL standard for valid UTF-8", () => {
    for (const encoded of Object.keys(decoded)) {
      expect(new URLSearchParams(`x=${encoded}`).get("x")).toBe(decoded[encoded] ?? "");
    }
  });
});

describe("decodeUtf8", () => {
  test("keeps a byte order mark", () => {
    expect(decodeUtf8(new TextEncoder().encode("\uFEFFé😀"))).toBe("\uFEFFé😀");
  });

  // RFC 3629 §3 and §4, and the replacement cases of The Unicode Standard, table 3-8.
  const bad = [
    [0xff],
    [0xc3],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0x61, 0x80, 0x62],
  ];
  for (const bytes of bad) {
    test(`rejects ${Buffer.from(bytes).toString("hex")}`, () => {
      expect(() => decodeUtf8(new Uint8Array(bytes))).toThrow(
        expect.objectContaining({ code: "bad_encoding" }),
      );
    });
  }
});
