// Texts that are not text, too long, or dangerous to show.
import { afterAll, describe, expect, test } from "bun:test";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { get, send, post, textsOf } = new HostileClient(server);

afterAll(() => server.stop());

describe("a text", () => {
  test("with a lone surrogate is rejected", async () => {
    for (const escaped of ["\\ud800", "\\udc00", "a\\udfffb", "\\udc00\\ud800", "\\ud83d\\ud83d\\ude00"]) {
      const response = await post(`{"text":"${escaped}"}`, "application/json");
      expectProblem(response, 400, "text_malformed");
    }
  });

  test("that is CESU-8 or invalid UTF-8 is rejected in every content type", async () => {
    const bad = [
      [0xed, 0xa0, 0x80],
      [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
      [0xff],
      [0xc0, 0xaf],
      [0xe2, 0x82],
    ];
    for (const values of bad) {
      const bytes = Buffer.from(values);
      const multipart = `--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n`;
      const bodies: [string, Uint8Array][] = [
        ["text/plain", bytes],
        ["application/json", Buffer.concat([Buffer.from(`{"text":"`), bytes, Buffer.from(`"}`)])],
        ["application/x-www-form-urlencoded", Buffer.concat([Buffer.from("text="), bytes])],
        [
          "multipart/form-data; boundary=x",
          Buffer.concat([Buffer.from(multipart), bytes, Buffer.from("\r\n--x--\r\n")]),
        ],
      ];
      for (const [type, body] of bodies) expectProblem(await post(body, type), 400, "bad_encoding");
    }
  });

  test("with a control character other than tab and newline is rejected", async () => {
    const controls = [
      ...Array.from({ length: 32 }, (_, i) => i),
      ...Array.from({ length: 33 }, (_, i) => 127 + i),
    ];
    for (const control of controls) {
      const response = await post(
        `a${String.fromCharCode(control)}b`,
        "text/plain",
        "/messages?stream=control",
      );
      if (control === 9 || control === 10) expect(response?.status).toBe(201);
      else expectProblem(response, 400, "text_control");
    }
    expect(await textsOf("control")).toEqual(["a\tb", "a\nb"]);
  });

  test("that is blank is rejected", async () => {
    for (const text of ["", " ", "\t\n", "\r\n\r\n", "\u00a0", "\u2003\u3000", "\uFEFF"]) {
      const body = new URLSearchParams({ text }).toString();
      expectProblem(await post(body, "application/x-www-form-urlencoded"), 400, "text_missing");
    }
    expectProblem(await send(`POST /messages HTTP/1.1\r\n${HOST}\r\n`), 400, "text_missing");
  });

  test("of 1024 astral characters is accepted; one of 1025 is rejected and not stored", async () => {
    const text = "😀".repeat(1024);
    expect((await post(text, "text/plain", "/messages?stream=astral"))?.status).toBe(201);
    for (const longer of [`${text}a`, "a".repeat(1025), "é".repeat(1025)]) {
      const { detail } = expectProblem(
        await post(longer, "text/plain", "/messages?stream=astral"),
        413,
        "text_too_long",
      );
      expect(detail).toContain("1025");
      expect(detail).toContain("1024");
    }
    expect(await textsOf("astral")).toEqual([text]);
  });

  test("with markup and special characters is returned unchanged", async () => {
    const text = `<script>alert("1")</script> \u202e \\ ' & \u2028\u2029 \u{e0001}`;
    await post(text, "text/plain", "/messages?stream=markup");
    expect(await textsOf("markup")).toEqual([text]);
  });
});

describe("a parameter", () => {
  const FORM = "application/x-www-form-urlencoded";

  test("given twice is rejected and nothing is published, wherever the two stand", async () => {
    const boundary = "multipart/form-data; boundary=x";
    const part = (text: string) => `--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n${text}\r\n`;
    const twice: [body: string, type: string, query: string][] = [
      ["", FORM, "&text=a&text=a"],
      ["text=b", FORM, "&text=a"],
      ["text=a&text=b", FORM, ""],
      ["text=a&te%78t=b", FORM, ""],
      ['{"text":"b"}', "application/json", "&text=a"],
      ['{"text":"a","text":"b"}', "application/json", ""],
      ['{"text":"a","\\u0074ext":"b"}', "application/json", ""],
      ["b", "text/plain", "&text=a"],
      [`${part("a")}${part("b")}--x--\r\n`, boundary, ""],
      [`${part("b")}--x--\r\n`, boundary, "&text=a"],
      ["stream=twice", FORM, "&text=a"],
    ];
    for (const [body, type, query] of twice) {
      expectProblem(await post(body, type, `/messages?stream=twice${query}`), 400, "duplicate_parameter");
    }
    expect(await textsOf("twice")).toEqual([]);
  });

  test("of another type or in a body of another type is rejected", async () => {
    const bodies: [body: string, type: string, status: number, code: string][] = [
      ['{"text":["a"]}', "application/json", 400, "bad_parameter"],
      ['{"text":{"a":1}}', "application/json", 400, "bad_parameter"],
      ['{"text":1e999}', "application/json", 400, "bad_parameter"],
      ["[]", "application/json", 400, "bad_json"],
      ['"a"', "application/json", 400, "bad_json"],
      ['{"text":"a"', "application/json", 400, "bad_json"],
      ["text=a", "", 415, "unsupported_media_type"],
      ["text=a", "text/html", 415, "unsupported_media_type"],
      ["text=a", `${FORM}; charset=utf-16`, 415, "unsupported_media_type"],
    ];
    for (const [body, type, status, code] of bodies) {
      expectProblem(await post(body, type, "/messages?stream=typed"), status, code);
    }
    for (const query of ["limit=0", "limit=1025", "limit=-1", "limit=1.5", "wait=61", "direction=0"]) {
      expectProblem(await get(`/messages?${query}`), 400, "bad_parameter");
    }
    expect(await textsOf("typed")).toEqual([]);
  });
});
