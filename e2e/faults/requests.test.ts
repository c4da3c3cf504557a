// Malformed and hostile request lines, hosts and methods.
import { afterAll, describe, expect, test } from "bun:test";
import { RawConnection } from "../../test-support/raw.ts";
import { TestServer } from "../../test-support/server.ts";
import { expectProblem, HOST, HostileClient } from "./hostile-client.ts";

const server = new TestServer();
const { send, get, post, textsOf, expectRejectedByRuntime } = new HostileClient(server);

afterAll(() => server.stop());

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

describe("HTTP versions", () => {
  for (const version of ["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9", "HTTP/1.1x", "http/1.1"]) {
    test(`${version} is rejected`, async () => {
      using connection = await RawConnection.open(server.port);
      connection.send(`GET /health ${version}\r\n${HOST}\r\n`);
      expect((await connection.response())?.status).toBe(505);
    });
  }
});
