import { describe, expect, test } from "bun:test";
import { problemOf, TestApp } from "../../../test-support/server.ts";

type Body = string | Uint8Array<ArrayBuffer> | FormData;

/** Posts a message, with a Content-Type unless the body implies one. */
function post(body: Body, type?: string, query = "", more: Record<string, string> = {}): Promise<Response> {
  const headers = { ...(type !== undefined && { "content-type": type }), ...more };
  return new TestApp().request(`/messages?${query}`, { method: "POST", body, headers });
}

async function stored(response: Response): Promise<{ Stream: string; Text: string }> {
  expect(response.status).toBe(201);
  return (await response.json()) as { Stream: string; Text: string };
}

async function errorCode(response: Response): Promise<string> {
  return (await problemOf(response)).code;
}

const FORM = "application/x-www-form-urlencoded";
const JSON_TYPE = "application/json";
const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const form = (fields: Record<string, string>): FormData => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
};

/** Sends two parameters in each supported place. */
const PLACES: Record<string, (stream: string, text: string) => Promise<Response>> = {
  query: (stream, text) =>
    new TestApp().request(`/messages?${new URLSearchParams({ stream, text }).toString()}`, {
      method: "POST",
    }),
  urlencoded: (stream, text) => post(new URLSearchParams({ stream, text }).toString(), FORM),
  multipart: (stream, text) => post(form({ stream, text })),
  JSON: (stream, text) => post(JSON.stringify({ stream, text }), JSON_TYPE),
  "text/plain": (stream, text) => post(text, "text/plain", new URLSearchParams({ stream }).toString()),
};

describe("a parameter is read unchanged from", () => {
  const texts = [
    "hello",
    "a+b & c=d % 100%41 #x ;y",
    "\ttab\nnewline",
    "é 😀 \u202e bidi \u2028 \u00a0",
    `"quotes" \\ \\u0041 {"stream":"bar"}`,
    "a byte order mark \uFEFF within",
    "😀".repeat(1024),
  ];
  for (const [place, send] of Object.entries(PLACES)) {
    test(place, async () => {
      for (const text of texts) {
        expect(await stored(await send("foo", text))).toMatchObject({ Stream: "foo", Text: text });
      }
    });
  }
});

describe("a byte order mark is kept in a text from", () => {
  for (const [place, send] of Object.entries(PLACES)) {
    test(place, async () => {
      expect((await stored(await send("foo", "\uFEFFa"))).Text).toBe("\uFEFFa");
    });
  }
});

describe("an invalid parameter is rejected in", () => {
  const bad: [stream: string, text: string, status: number, code: string][] = [
    ["foo", "", 400, "text_missing"],
    ["foo", " \n\t\u00a0", 400, "text_missing"],
    ["foo", "a".repeat(1025), 413, "text_too_long"],
    ["foo", "😀".repeat(1025), 413, "text_too_long"],
    ["foo", "a\u0000b", 400, "text_control"],
    ["foo", "a\u001b[2J", 400, "text_control"],
    ["foo", "a\rb", 400, "text_control"],
    ["foo", "a\u007f", 400, "text_control"],
    ["foo", "a\u0085b", 400, "text_control"],
    ["a b", "hello", 400, "bad_name"],
    ["a\nb", "hello", 400, "bad_name"],
    ["", "hello", 400, "bad_name"],
  ];
  for (const [place, send] of Object.entries(PLACES)) {
    test(place, async () => {
      for (const [stream, text, status, code] of bad) {
        // FormData normalizes line ends, so a lone CR is not sent.
        if (place === "multipart" && text.includes("\r")) continue;
        const problem = await problemOf(await send(stream, text));
        expect([text.slice(0, 9), problem.code, problem.status]).toEqual([text.slice(0, 9), code, status]);
      }
    });
  }
});

test("the error for a long text contains its length and the limit", async () => {
  const { detail } = await problemOf(await post("😀".repeat(2000), "text/plain"));
  expect(detail).toContain("2000");
  expect(detail).toContain("1024");
});

describe("query and body are combined", () => {
  const places: [string, Body, string?][] = [
    ["urlencoded", "text=hello", FORM],
    ["JSON", `{"text":"hello"}`, JSON_TYPE],
    ["text/plain", "hello", "text/plain"],
    ["multipart", form({ text: "hello" })],
  ];
  for (const [name, body, type] of places) {
    test(name, async () => {
      expect(await stored(await post(body, type, "stream=foo"))).toMatchObject({
        Stream: "foo",
        Text: "hello",
      });
    });
  }
});

describe("a duplicate parameter is rejected", () => {
  const twice = form({ text: "a" });
  twice.append("text", "a");
  const cases: Record<string, [body: Body, type?: string | undefined, query?: string]> = {
    "in the query": ["", undefined, "text=a&text=a"],
    "in the query, once encoded": ["", undefined, "text=a&%74ext=b"],
    "in the query, empty": ["", undefined, "text=a&text"],
    "in the query, unknown": ["", undefined, "text=a&x=1&x=1"],
    "in a form": ["text=a&text=b", FORM],
    "in multipart": [twice],
    "in JSON": [`{"text":"a","text":"a"}`, JSON_TYPE],
    "in JSON, once escaped": [`{"text":"a","\\u0074ext":"b"}`, JSON_TYPE],
    "in JSON, of other types": [`{"text":"a","text":1}`, JSON_TYPE],
    "in JSON, as numbers": [`{"text":1,"text":2}`, JSON_TYPE],
    "in JSON, once null": [`{"text":null,"text":"a"}`, JSON_TYPE],
    "in JSON, null at the end": [`{"text":"a","text":null}`, JSON_TYPE],
    "in JSON, with what looks like names in it": [`{"a":"\\",\\"b","text":"x","text":"y"}`, JSON_TYPE],
    "in the query and a form": ["text=b", FORM, "text=a"],
    "in the query and multipart": [form({ text: "b" }), undefined, "text=a"],
    "in the query and JSON": [`{"text":"b"}`, JSON_TYPE, "text=a"],
    "in the query and text/plain": ["b", "text/plain", "text=a"],
    "in the query and a form, stream": ["text=b&stream=foo", FORM, "stream=foo"],
  };
  for (const [name, [body, type, query]] of Object.entries(cases)) {
    test(name, async () => {
      expect(await errorCode(await post(body, type, query))).toBe("duplicate_parameter");
    });
  }

  test("in GET requests", async () => {
    for (const target of [
      "/messages?last=1&last=1",
      "/streams?limit=1&limit=1",
      "/events?stream=a&stream=a",
    ]) {
      expect(await errorCode(await new TestApp().request(target))).toBe("duplicate_parameter");
    }
  });

  test("but not one that only resembles another", async () => {
    expect((await stored(await post(`{"text":"\\"text\\":\\"a\\"","x":"text"}`, JSON_TYPE))).Text).toBe(
      `"text":"a"`,
    );
    expect((await stored(await post("text=a&Text=b", FORM))).Text).toBe("a");
  });
});

describe("a query", () => {
  const texts: Record<string, string> = {
    "text=a&": "a",
    "&&text=a": "a",
    "text=a=b": "a=b",
    "text==": "=",
    "text=100%": "100%",
    "text=%zz": "%zz",
    "text=a+b": "a b",
    "text=a%2Bb": "a+b",
    "te%78t=a": "a",
    "text=a%26stream%3Dbar": "a&stream=bar",
    "text=a;stream=bar": "a;stream=bar",
    "text=?": "?",
    "text=%2541": "%41",
  };
  for (const [query, text] of Object.entries(texts)) {
    test(query, async () => {
      expect(await stored(await post("", undefined, query))).toMatchObject({ Stream: "_", Text: text });
    });
  }

  for (const query of ["text=%ff", "text=%ED%A0%80", "%ff=a&text=a", "text=a%C3"]) {
    test(`${query} is not UTF-8`, async () => {
      expect(await errorCode(await post("", undefined, query))).toBe("bad_encoding");
    });
  }
});

describe("content types", () => {
  const taken = [
    "text/plain",
    "TEXT/Plain",
    "text/plain;charset=UTF-8",
    `text/plain; charset="utf-8"`,
    "text/plain; format=flowed; charset=utf-8",
    "text/plain ; charset=utf-8",
  ];
  for (const type of taken) {
    test(`${type} is accepted`, async () => {
      expect((await stored(await post("é", type))).Text).toBe("é");
    });
  }

  const rejected = [
    "text/html",
    "application/xml",
    "application/octet-stream",
    "application/json5",
    "application/jsonx",
    "text/plainer",
    "garbage",
    "text/plain;charset=latin1",
    "text/plain; charset=utf-16",
    `application/json; charset="iso-8859-1"`,
  ];
  for (const type of rejected) {
    test(`${type} is rejected`, async () => {
      expect(await problemOf(await post("hello", type))).toMatchObject({
        status: 415,
        code: "unsupported_media_type",
      });
    });
  }

  test("a body without one is rejected", async () => {
    expect(await problemOf(await post(bytes(0x61)))).toMatchObject({ status: 415 });
  });

  test("an empty body does not need one", async () => {
    expect((await stored(await post(bytes(), "application/xml", "text=a"))).Text).toBe("a");
    expect(await errorCode(await post(bytes(), JSON_TYPE))).toBe("text_missing");
  });

  for (const encoding of ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"]) {
    test(`content-encoding ${encoding} is rejected`, async () => {
      const response = await post("hello", "text/plain", "", { "content-encoding": encoding });
      expect(await problemOf(response)).toMatchObject({ status: 415, code: "unsupported_media_type" });
    });
  }

  test("content-encoding identity is accepted", async () => {
    const response = await post("hello", "text/plain", "", { "content-encoding": "identity" });
    expect((await stored(response)).Text).toBe("hello");
  });
});

describe("a body that is not UTF-8 is rejected as", () => {
  for (const type of [FORM, JSON_TYPE, "text/plain", "multipart/form-data; boundary=x"]) {
    test(type, async () => {
      expect(await errorCode(await post(bytes(0x61, 0xff, 0x62), type))).toBe("bad_encoding");
      // A lone surrogate in CESU-8.
      expect(await errorCode(await post(bytes(0xed, 0xa0, 0x80), type))).toBe("bad_encoding");
    });
  }
});

describe("JSON", () => {
  const bad: Record<string, string> = {
    "": "text_missing",
    "{": "bad_json",
    "[]": "bad_json",
    null: "bad_json",
    "1": "bad_json",
    '"text"': "bad_json",
    "{'text':'a'}": "bad_json",
    '{"text":"a"}x': "bad_json",
    '{"text":"a",}': "bad_json",
    '{"text":"a\nb"}': "bad_json",
    '\uFEFF{"text":"a"}': "bad_json",
    '{"text":NaN}': "bad_json",
    "{}": "text_missing",
    '{"text":null}': "text_missing",
    '{"text":""}': "text_missing",
    '{"text":[]}': "bad_parameter",
    '{"text":{}}': "bad_parameter",
    '{"text":"a","x":{"text":"a"}}': "bad_parameter",
    '{"text":"\\ud800"}': "text_malformed",
    '{"text":"\\udc00\\ud800"}': "text_malformed",
    '{"text":"a\\u0000"}': "text_control",
    '{"text":"a\\u0008"}': "text_control",
    '{"stream":"a\\nb","text":"a"}': "bad_name",
    '{"stream":1.5e300,"text":"a"}': "bad_parameter",
    '{"text":12345678901234567890}': "bad_parameter",
    '{"text":1e400}': "bad_parameter",
    '{"stream":"","text":"a"}': "bad_name",
  };
  for (const [body, code] of Object.entries(bad)) {
    test(`${JSON.stringify(body)} is ${code}`, async () => {
      expect(await errorCode(await post(body, JSON_TYPE))).toBe(code);
    });
  }

  test("accepts numbers, booleans and null", async () => {
    const response = await new TestApp().request("/streams", {
      method: "POST",
      headers: { "content-type": JSON_TYPE },
      body: `{"stream":"foo","private":true,"ttl":60,"more":null}`,
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ stream: "foo", private: true, ttl: 60 });
    expect((await stored(await post('{"text":12,"stream":34}', JSON_TYPE))).Text).toBe("12");
    expect((await stored(await post('{"text":"\\ud83d\\ude00"}', JSON_TYPE))).Text).toBe("😀");
  });

  test("treats __proto__ and constructor as plain names", async () => {
    const body = '{"__proto__":"x","constructor":"y","toString":"z","text":"a"}';
    expect((await stored(await post(body, JSON_TYPE))).Text).toBe("a");
  });

  test("rejects deep nesting", async () => {
    expect(["bad_json", "bad_parameter"]).toContain(
      await errorCode(await post(`{"text":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, JSON_TYPE)),
    );
  });
});

describe("multipart", () => {
  const type = "multipart/form-data; boundary=x";
  const part = (head: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`;

  test("is parsed according to RFC 7578", async () => {
    const body = `${part('name="stream"', "foo")}${part('name="text"', "a\r\nb é")}--x--\r\n`;
    expect(await stored(await post(body, type))).toMatchObject({ Stream: "foo", Text: "a\nb é" });
  });

  test("with a file is rejected", async () => {
    const data = form({ stream: "foo" });
    data.append("text", new File(["hello"], "hello.txt", { type: "text/plain" }));
    expect(await errorCode(await post(data))).toBe("bad_parameter");
    const named = `${part('name="text"; filename="a"', "hello")}--x--\r\n`;
    expect(await errorCode(await post(named, type))).toBe("bad_parameter");
  });

  const bad: Record<string, string> = {
    "with another content": "hello",
    "without the final boundary": part('name="text"', "hello"),
    "with another boundary": `${part('name="text"', "hello").replace("--x", "--y")}--y--\r\n`,
  };
  for (const [name, body] of Object.entries(bad)) {
    test(`${name} is rejected`, async () => {
      expect(["bad_request", "text_missing"]).toContain(await errorCode(await post(body, type)));
    });
  }

  test("without a boundary is rejected", async () => {
    const body = `${part('name="text"', "hello")}--x--\r\n`;
    expect(await errorCode(await post(body, "multipart/form-data"))).toBe("bad_request");
  });
});

describe("the size of a body", () => {
  test("can be 64 KiB", async () => {
    // Too long for a message, but accepted as a body.
    expect(await errorCode(await post("a".repeat(65_536), "text/plain"))).toBe("text_too_long");
    expect((await stored(await post(`text=a&x=${"a".repeat(65_527)}`, FORM))).Text).toBe("a");
  });

  test("cannot be larger", async () => {
    for (const type of ["text/plain", JSON_TYPE, FORM, "application/xml"]) {
      expect(await problemOf(await post("a".repeat(65_537), type))).toMatchObject({
        status: 413,
        code: "body_too_large",
      });
    }
  });

  test("is checked by Content-Length before reading", async () => {
    const response = await post("a", "text/plain", "", { "content-length": "65537" });
    expect(await errorCode(response)).toBe("body_too_large");
  });
});

test("a rejected message does not create a stream", async () => {
  const app = new TestApp();
  for (const text of ["", "a".repeat(1025), "\u0000"]) {
    await app.request("/messages", { method: "POST", body: new URLSearchParams({ stream: "foo", text }) });
  }
  expect(await (await app.request("/streams")).text()).toBe("{}");
});

test("the body of a GET is ignored", async () => {
  const request = new Request("http://localhost/messages?stream=foo", { headers: { "content-type": "x" } });
  expect((await new TestApp().handle(request))?.status).toBe(200);
});
