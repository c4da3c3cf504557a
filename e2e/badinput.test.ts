// Malformed and hostile requests, byte for byte.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ProblemDetails } from "../src/protocol/problem.ts";
import type { WireMessage } from "../src/protocol/message.ts";
import { EventReader } from "../test-support/clients.ts";
import { RawConnection, rawRequest, type RawResponse } from "../test-support/raw.ts";
import { TestServer } from "../test-support/server.ts";

const HOST = "Host: localhost\r\n";

let server: TestServer;

beforeAll(() => {
  server = new TestServer();
});

afterAll(async () => {
  await server.stop();
});

const send = (...bytes: (string | Uint8Array)[]): Promise<RawResponse | undefined> =>
  rawRequest(server.port, ...bytes);

const get = (target: string, headers = ""): Promise<RawResponse | undefined> =>
  send(`GET ${target} HTTP/1.1\r\n${HOST}${headers}\r\n`);

/** Posts raw bytes. */
function post(
  body: string | Uint8Array,
  type: string,
  target = "/messages",
): Promise<RawResponse | undefined> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = `POST ${target} HTTP/1.1\r\n${HOST}Content-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return send(head, bytes);
}

/** Expects a problem response from our own code. */
function expectProblem(response: RawResponse | undefined, status: number, code: string): ProblemDetails {
  expect(response?.status).toBe(status);
  expect(response?.headers.get("content-type")).toBe("application/problem+json");
  const problem = JSON.parse(response?.body ?? "") as ProblemDetails;
  expect([problem.status, problem.code as string]).toEqual([status, code]);
  return problem;
}

/** Expects a rejection by the runtime: an empty response, then a closed connection. */
async function expectRejectedByRuntime(status: number, ...bytes: string[]): Promise<void> {
  using connection = await RawConnection.open(server.port);
  for (const part of bytes) connection.send(part);
  const response = await connection.response();
  expect([response?.status, response?.headers.get("connection"), response?.body]).toEqual([
    status,
    "close",
    "",
  ]);
  // Bytes after it are not parsed as a request.
  expect(await connection.rest()).toBe("");
}

async function textsOf(stream: string): Promise<string[]> {
  const messages = await (await fetch(`${server.url}/messages?stream=${stream}&limit=1024`)).json();
  return (messages as WireMessage[]).map(({ Text }) => Text);
}

describe("Host", () => {
  test("HTTP/1.0 without Host is rejected", async () => {
    expectProblem(await send("GET /messages HTTP/1.0\r\n\r\n"), 400, "bad_request");
  });

  test("HTTP/1.0 with Host is served", async () => {
    expect(await send(`GET /messages?stream=none HTTP/1.0\r\n${HOST}\r\n`)).toMatchObject({
      status: 200,
      body: "[]",
    });
  });

  test("HTTP/1.1 without Host is rejected", async () => {
    await expectRejectedByRuntime(400, "GET /messages HTTP/1.1\r\n\r\n");
  });

  test("two Host headers are rejected, equal or not", async () => {
    for (const second of ["localhost", "evil.example"]) {
      const response = await send(`GET /messages HTTP/1.1\r\n${HOST}Host: ${second}\r\n\r\n`);
      expectProblem(response, 400, "bad_request");
    }
    expectProblem(await send("GET /messages HTTP/1.1\r\nHost: a, b\r\n\r\n"), 400, "bad_request");
  });

  for (const host of ["", "a b", "a/b", "a?b", "a#b", "user@host", "<script>", `"`, "a\\b"]) {
    test(`${JSON.stringify(host)} is rejected`, async () => {
      for (const version of ["1.0", "1.1"]) {
        const response = await send(`GET /messages HTTP/${version}\r\nHost: ${host}\r\n\r\n`);
        const { detail } = expectProblem(response, 400, "bad_request");
        if (host !== "") expect(detail).not.toContain(host);
      }
    });
  }

  for (const host of [
    "localhost",
    "localhost:9090",
    "127.0.0.1",
    "[::1]:9090",
    "example.org.",
    "EXAMPLE.org",
  ]) {
    test(`${host} is served`, async () => {
      expect(await send(`GET /health HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toMatchObject({ status: 200 });
    });
  }
});

describe("methods", () => {
  for (const method of ["PUT", "PATCH", "TRACE", "PROPFIND", "SEARCH", "LOCK"]) {
    test(`${method} is not allowed`, async () => {
      const secret = "Cookie: secret\r\n";
      const response = await send(`${method} /messages HTTP/1.1\r\n${HOST}${secret}\r\n`);
      expectProblem(response, 405, "method_not_allowed");
      expect(response?.headers.get("allow")).toBe("GET, POST, OPTIONS");
      // TRACE would echo the request.
      expect(response?.body).not.toContain("secret");
      const page = await send(`${method} / HTTP/1.1\r\n${HOST}\r\n`);
      expect([page?.status, page?.headers.get("allow")]).toEqual([405, "GET, OPTIONS"]);
    });
  }

  test("CONNECT is rejected", async () => {
    expectProblem(await send(`CONNECT /messages HTTP/1.1\r\n${HOST}\r\n`), 405, "method_not_allowed");
    expectProblem(await send(`CONNECT example.org:443 HTTP/1.1\r\n${HOST}\r\n`), 400, "bad_request");
  });

  // RFC 9110 §9.1 asks for 501; the runtime's parser closes the connection instead.
  for (const method of ["BREW", "get", "G", "GETT", "MESSAGE", "M-", "(GET)"]) {
    test(`${method} closes the connection`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`${method} /messages HTTP/1.1\r\n${HOST}\r\n`);
      const answer = await connection.rest();
      expect(answer === "" || /^HTTP\/1\.1 (?:400|405|501) /.test(answer)).toBe(true);
      expect(answer).not.toContain("[");
    });
  }

  test("HEAD returns the headers of GET without a body", async () => {
    using connection = await RawConnection.open(server.port);
    connection.send(`HEAD /messages?stream=none HTTP/1.1\r\n${HOST}\r\nGET /health HTTP/1.1\r\n${HOST}\r\n`);
    const head = await connection.response("HEAD");
    expect(head?.status).toBe(200);
    expect(head?.headers.get("content-type")).toBe("application/json");
    expect((await connection.response())?.body).toBe('{"status":"ok"}');
  });
});

describe("request targets", () => {
  test("absolute form is served (RFC 9112 §3.2.2)", async () => {
    await server.publish("absolute", "a");
    const response = await send(`GET http://localhost/messages?stream=absolute HTTP/1.1\r\n${HOST}\r\n`);
    expect(JSON.parse(response?.body ?? "")).toMatchObject([{ Text: "a" }]);
    expect((await send(`GET http://localhost HTTP/1.1\r\n${HOST}\r\n`))?.body).toBe("the page");
  });

  for (const target of ["*", "?x", "", "messages", "\\messages"]) {
    test(`${JSON.stringify(target)} is rejected`, async () => {
      await expectRejectedByRuntime(400, `GET ${target} HTTP/1.1\r\n${HOST}\r\n`);
    });
  }

  for (const target of [
    "//messages",
    "/%6dessages",
    "/messages%3fstream=a",
    "/messages/",
    "/messages#f",
    "/%",
  ]) {
    test(`${target} is not found`, async () => {
      expectProblem(await get(target), 404, "not_found");
    });
  }

  for (const target of ["/a\0b", "/messages?stream=a\tb"]) {
    test(`${JSON.stringify(target)} is rejected`, async () => {
      const response = await get(target);
      expect([400, 505]).toContain(response?.status ?? 0);
      expect(response?.body).toBe("");
    });
  }

  test("unencoded special characters are not valid in names", async () => {
    expectProblem(await get("/messages?stream=é"), 400, "bad_name");
    expectProblem(await get("/messages?stream=\u007f"), 400, "bad_name");
    expectProblem(await get("/messages?stream=a#b"), 400, "bad_name");
    expectProblem(await get(`/messages?stream="a"`), 400, "bad_name");
  });
});

describe("percent-encoding", () => {
  const texts: Record<string, string> = {
    "a%2Bb+c": "a+b c",
    "100%": "100%",
    "%4": "%4",
    "%zz%41": "%zzA",
    "%2541": "%41",
    "%F0%9F%98%80": "😀",
    "%e2%80%ae": "\u202e",
    "%0D%0Aa%0d%0a": "\na\n",
  };
  for (const [encoded, text] of Object.entries(texts)) {
    test(`${encoded} is decoded in the query and in a form`, async () => {
      const query = await send(`POST /messages?text=${encoded} HTTP/1.1\r\n${HOST}\r\n`);
      expect(JSON.parse(query?.body ?? "")).toMatchObject({ Text: text });
      const form = await post(`text=${encoded}`, "application/x-www-form-urlencoded");
      expect(JSON.parse(form?.body ?? "")).toMatchObject({ Text: text });
    });
  }

  for (const encoded of ["%ff", "%C3%28", "%C0%80", "%F4%90%80%80", "%ED%A0%80", "%ED%A0%BD%ED%B8%80"]) {
    test(`${encoded} is not UTF-8`, async () => {
      const query = await send(`POST /messages?stream=bad&text=${encoded} HTTP/1.1\r\n${HOST}\r\n`);
      expectProblem(query, 400, "bad_encoding");
      const form = await post(`stream=bad&text=${encoded}`, "application/x-www-form-urlencoded");
      expectProblem(form, 400, "bad_encoding");
      expect(await textsOf("bad")).toEqual([]);
    });
  }
});

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

describe("last", () => {
  const bad = [
    "-1",
    "x",
    "",
    "1".repeat(21),
    "1.5",
    "1e18",
    "0x1",
    "+1",
    "%2B1",
    "%201",
    "1%00",
    "1%0Aid:2",
    "Infinity",
  ];
  for (const last of bad) {
    test(`${last} is rejected by /messages`, async () => {
      for (const direction of ["1", "-1"]) {
        expectProblem(await get(`/messages?direction=${direction}&last=${last}`), 400, "bad_parameter");
      }
    });
    if (last === "") continue;
    test(`${last} is rejected by /events`, async () => {
      expectProblem(await get(`/events?last=${last}`), 400, "bad_parameter");
      expectProblem(await get(`/events?last_event_id=${last}`), 400, "bad_parameter");
    });
  }

  test("of 20 digits is after every message", async () => {
    await server.publish("late", "a");
    expect((await get(`/messages?stream=late&last=${"9".repeat(20)}`))?.body).toBe("[]");
    const before = await get(`/messages?stream=late&direction=-1&last=${"9".repeat(20)}`);
    expect(JSON.parse(before?.body ?? "")).toMatchObject([{ Text: "a" }]);
  });
});

describe("Last-Event-ID", () => {
  for (const id of [
    "x",
    "-1",
    "1".repeat(21),
    "1 2",
    "é",
    "\u0080",
    "1;2",
    "null",
    `"1"`,
    "1\tid:2",
    "earliest2",
  ]) {
    test(`${JSON.stringify(id)} is rejected`, async () => {
      expectProblem(await get("/events", `Last-Event-ID: ${id}\r\n`), 400, "bad_parameter");
    });
  }

  test("is rejected when sent twice", async () => {
    const twice = "Last-Event-ID: 1\r\nLast-Event-ID: 2\r\n";
    expectProblem(await get("/events", twice), 400, "bad_parameter");
  });

  test("with a NUL is rejected", async () => {
    expect((await get("/events", "Last-Event-ID: 1\0\r\n"))?.status).toBe(400);
  });
});

describe("newlines cannot be injected into an event", () => {
  test("through a text", async () => {
    await using reader = await EventReader.open(server.url, "inject");
    const { Server: serverName } = await reader.nextEvent("welcome");
    await reader.nextEvent("connect");
    const texts = [
      "a\n\ndata:{}\n\nid:1\nevent:x\ndata:b",
      "\nretry:0\n",
      "a\r\n\r\nid:5\r\n\r\nb",
      ": c\n\n: d",
    ];
    for (const text of texts) {
      const posted = await post(
        new URLSearchParams({ text }).toString(),
        "application/x-www-form-urlencoded",
        "/messages?stream=inject",
      );
      expect(posted?.status).toBe(201);
      const message = JSON.parse(posted?.body ?? "") as WireMessage;
      expect(await reader.next()).toEqual({
        id: `${message.Created}-${serverName}`,
        event: undefined,
        retry: undefined,
        data: { ...message, Text: text.replaceAll("\r\n", "\n") },
      });
    }
    for (const text of ["a\rdata:b", "a\r\r", "\u2028\u0085"]) {
      expectProblem(await post(text, "text/plain", "/messages?stream=inject"), 400, "text_control");
    }
  });

  test("through a name, cursor or id", async () => {
    for (const ending of ["%0A", "%0D", "%0D%0A", "%E2%80%A8", "%C2%85", "%00"]) {
      expectProblem(await get(`/events?stream=a${ending}data:x`), 400, "bad_name");
      expectProblem(await get(`/events?stream=a${ending}`), 400, "bad_name");
      expectProblem(await get(`/events?last=1${ending}`), 400, "bad_parameter");
      expectProblem(await get(`/events?last_event_id=earliest${ending}`), 400, "bad_parameter");
      expectProblem(await get(`/streams?q=a${ending}`), 400, "bad_parameter");
      const created = await send(`POST /streams?stream=a${ending} HTTP/1.1\r\n${HOST}\r\n`);
      expectProblem(created, 400, "bad_name");
      const id = await get(`/messages?id=1${ending}x`);
      expect([id?.status, id?.body]).toEqual([200, "[]"]);
    }
  });

  test("through an error message into a header", async () => {
    const response = await get("/messages?x%0D%0ASet-Cookie:a=1&x%0D%0ASet-Cookie:a=1");
    const { detail } = expectProblem(response, 400, "duplicate_parameter");
    expect(response?.headers.get("set-cookie")).toBeNull();
    expect(detail).not.toContain("\r");
  });
});

describe("request smuggling is rejected", () => {
  const head = `POST /messages?stream=smuggled&text=a HTTP/1.1\r\n${HOST}`;
  const second = `GET /health HTTP/1.1\r\n${HOST}\r\n`;
  const shapes: Record<string, string> = {
    "Content-Length and Transfer-Encoding": `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    "Transfer-Encoding and Content-Length": `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`,
    "two Content-Lengths": "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "a list of Content-Lengths": "Content-Length: 4, 4\r\n\r\nabcd",
    "a negative Content-Length": "Content-Length: -4\r\n\r\n",
    "a signed Content-Length": "Content-Length: +4\r\n\r\nabcd",
    "a Content-Length in hex": "Content-Length: 0x4\r\n\r\nabcd",
    "an endless Content-Length": `Content-Length: ${"9".repeat(30)}\r\n\r\nabcd`,
    "another encoding before chunked": "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    identity: "Transfer-Encoding: identity\r\n\r\n",
    xchunked: "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": "X: a\r\n b\r\n\r\n",
    "a header without a name": ": a\r\n\r\n",
    "a NUL in a header": "X: a\0b\r\n\r\n",
    "a chunk without a size": "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk of negative size": "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
  };
  for (const [name, shape] of Object.entries(shapes)) {
    test(name, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`${head}${shape}${second}`);
      const answer = await connection.rest();
      expect(answer).toStartWith("HTTP/1.1 400 ");
      expect(answer).not.toContain("status");
    });
  }

  test("none of these requests was executed", async () => {
    expect(await textsOf("smuggled")).toEqual([]);
  });

  test("two pipelined requests in one packet are both served", async () => {
    using connection = await RawConnection.open(server.port);
    connection.send(`${head.replace("smuggled", "pipelined")}Content-Length: 0\r\n\r\n${second}`);
    expect((await connection.response())?.status).toBe(201);
    expect((await connection.response())?.body).toBe('{"status":"ok"}');
  });
});

describe("sizes", () => {
  test("headers larger than 16 KiB are rejected", async () => {
    expect((await get("/health", `X: ${"a".repeat(15_000)}\r\n`))?.status).toBe(200);
    await expectRejectedByRuntime(431, `GET /health HTTP/1.1\r\n${HOST}X: ${"a".repeat(20_000)}\r\n\r\n`);
    await expectRejectedByRuntime(431, `GET /health?${"a".repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`);
    const many = Array.from({ length: 500 }, (_, i) => `X${i}: a\r\n`).join("");
    await expectRejectedByRuntime(431, `GET /health HTTP/1.1\r\n${HOST}${many}\r\n`);
  });

  test("a body larger than 64 KiB is rejected", async () => {
    const head = `POST /messages?stream=large HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n`;
    const fits = await send(`${head}Content-Length: 65536\r\n\r\n${"a".repeat(65_536)}`);
    expectProblem(fits, 413, "text_too_long");
    const larger: string[] = [
      `Content-Length: 65537\r\n\r\n${"a".repeat(65_537)}`,
      // Rejected by Content-Length, without waiting for the body.
      "Content-Length: 65537\r\n\r\n",
      "Content-Length: 9999999999\r\n\r\n",
      `Transfer-Encoding: chunked\r\n\r\n10001\r\n${"a".repeat(65_537)}\r\n0\r\n\r\n`,
    ];
    for (const body of larger) expect((await send(`${head}${body}`))?.status).toBe(413);
    expect(await textsOf("large")).toEqual([]);
  });
});

describe("HTTP versions", () => {
  for (const version of ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1x", "http/1.1"]) {
    test(`${version} is rejected`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`GET /health ${version}\r\n${HOST}\r\n`);
      expect((await connection.response())?.status).toBe(505);
    });
  }
});

describe("the WebSocket handshake", () => {
  const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  const ASK = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

  test("is answered as in the example of RFC 6455 §1.3", async () => {
    using connection = await RawConnection.open(server.port);
    connection.send(`GET /events HTTP/1.1\r\n${HOST}${ASK}Sec-WebSocket-Version: 13\r\n${KEY}\r\n`);
    const head = await connection.head();
    expect(head?.status).toBe(101);
    expect(head?.headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  });

  test("without a key or with an invalid key is rejected", async () => {
    for (const key of ["", "Sec-WebSocket-Key: x\r\n", "Sec-WebSocket-Key:\r\n"]) {
      expectProblem(await get("/events", `${ASK}Sec-WebSocket-Version: 13\r\n${key}`), 400, "bad_request");
    }
  });

  test("with another version is answered with the supported one", async () => {
    const response = await get("/events", `${ASK}Sec-WebSocket-Version: 8\r\n${KEY}`);
    expect([response?.status, response?.headers.get("sec-websocket-version")]).toEqual([426, "13"]);
  });

  test("is ignored with POST or on another path", async () => {
    const handshake = `${ASK}Sec-WebSocket-Version: 13\r\n${KEY}`;
    const posted = await send(`POST /events HTTP/1.1\r\n${HOST}${handshake}\r\n`);
    expectProblem(posted, 405, "method_not_allowed");
    expect((await get("/health", handshake))?.status).toBe(200);
  });

  /** A client frame (RFC 6455 §5.2), masked with zeros. */
  const frame = (first: number, payload: Uint8Array, masked = true): Uint8Array => {
    const mask = masked ? [0, 0, 0, 0] : [];
    return Buffer.concat([Buffer.from([first, (masked ? 0x80 : 0) | payload.length, ...mask]), payload]);
  };

  // Errors defined in RFC 6455 §5.1 to §5.5 and §8.1.
  const broken: Record<string, Uint8Array> = {
    "text that is not UTF-8": frame(0x81, Buffer.from([0xed, 0xa0, 0x80])),
    "a reserved bit": frame(0xc1, Buffer.from("a")),
    "a reserved opcode": frame(0x83, Buffer.from("a")),
    "a fragmented ping": frame(0x09, Buffer.from("a")),
    "a continuation without a first frame": frame(0x80, Buffer.from("a")),
  };
  for (const [name, bytes] of Object.entries(broken)) {
    test(`${name} closes the connection`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(
        `GET /events?stream=broken HTTP/1.1\r\n${HOST}${ASK}Sec-WebSocket-Version: 13\r\n${KEY}\r\n`,
      );
      expect((await connection.head())?.status).toBe(101);
      connection.send(bytes);
      await connection.rest();
      expect(server.hub.observers("broken")).toBe(0);
    });
  }
});
