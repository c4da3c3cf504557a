// The request cases of llhttp (nodejs/llhttp, test/request), sent to paths of this server and with a Host where theirs have none.
// Cases that differ only in llhttp's leniency are here once: the bytes are the same.

/** What is sent, and what comes back. */
export interface RequestCase {
  /** The file and the title of the case. */
  readonly name: string;
  readonly bytes: string;
  /**
   * The statuses of the responses, then whether the connection is `open` for another request or `closed`. A method that the runtime
   * does not know is not answered.
   */
  readonly answer: string;
  /** Why llhttp, in strict mode, does otherwise. */
  readonly differs?: string;
}

const HOST = "Host: localhost\r\n";
const POST = `POST /messages?stream=llhttp&text=a HTTP/1.1\r\n${HOST}`;
const GET = `GET /health HTTP/1.1\r\n${HOST}`;
const PLAIN = `POST /messages?stream=llhttp HTTP/1.1\r\n${HOST}Content-Type: text/plain\r\n`;
const CHUNKED = `${PLAIN}Transfer-Encoding: chunked\r\n\r\n`;

export const LLHTTP: readonly RequestCase[] = [
  {
    name: "invalid: ICE protocol and GET method",
    bytes: `GET /health ICE/1.0\r\n${HOST}\r\n`,
    answer: "505 closed",
  },
  {
    name: "invalid: ICE protocol, but not really",
    bytes: `GET /health IHTTP/1.0\r\n${HOST}\r\n`,
    answer: "505 closed",
  },
  {
    name: "invalid: RTSP protocol and PUT method",
    bytes: `PUT /health RTSP/1.0\r\n${HOST}\r\n`,
    answer: "505 closed",
  },
  {
    name: "invalid: HTTP protocol and ANNOUNCE method",
    bytes: `ANNOUNCE /health HTTP/1.0\r\n${HOST}\r\n`,
    answer: "closed",
  },
  { name: "invalid: headers separated by CR", bytes: `${GET}Foo: 1\rBar: 2\r\n\r\n`, answer: "400 closed" },
  {
    name: "invalid: headers separated by LF",
    bytes: `${POST}x:x\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: headers separated by dummy characters",
    bytes: `${GET}Connection: close\r\n\rZGET /evil: HTTP/1.1\r\n${HOST}\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: empty headers separated by CR",
    bytes: `${POST}Connection: close\r\nx:\rTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: empty headers separated by LF",
    bytes: `${POST}x:\nTransfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  { name: "invalid: invalid header token #1", bytes: `${GET}Fo@: Failure\r\n\r\n`, answer: "400 closed" },
  {
    name: "invalid: invalid header token #2",
    bytes: `${GET}Foo\u0001test: Bar\r\n\r\n`,
    answer: "400 closed",
  },
  { name: "invalid: invalid header token #3", bytes: `${GET}: Bar\r\n\r\n`, answer: "400 closed" },
  { name: "invalid: invalid method", bytes: `MKCOLA / HTTP/1.1\r\n${HOST}\r\n`, answer: "closed" },
  {
    name: "invalid: illegal header field name line folding",
    bytes: `${GET}name\r\n : value\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: corrupted Connection header",
    bytes: `${GET}Connection\r\u001b5\u00d5eep-Alive\r\nAccept-Encoding: gzip\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: corrupted header name",
    bytes: `${GET}X-Some-Header\r\u001b5\u00d5eep-Alive\r\nAccept-Encoding: gzip\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: missing CR between headers",
    bytes: `${GET}Dummy: x\nContent-Length: 23\r\n\r\nGET / HTTP/1.1\r\nDummy: GET /admin HTTP/1.1\r\n${HOST}\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: invalid HTTP version",
    bytes: `GET /health HTTP/5.6\r\n${HOST}\r\n`,
    answer: "505 closed",
  },
  {
    name: "invalid: invalid space after start line",
    bytes: `GET /health HTTP/1.1\r\n ${HOST}\r\n`,
    answer: "400 closed",
  },
  {
    name: "invalid: only LFs present",
    bytes:
      "POST /messages?text=a HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\nTrailer: Baz\nFoo: abc\nBar: def\n\n1\nA\n0\n\nBaz: ghi\n\n",
    answer: "505 closed",
  },
  {
    name: "invalid: spaces before headers",
    bytes: `${POST}Foo: bar\r\n Content-Length: 38\r\n\r\nGET /bye HTTP/1.1\r\n${HOST}\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: empty, with Content-Length",
    bytes: `${POST}Transfer-Encoding:\r\nContent-Length: 5\r\n\r\nhello`,
    answer: "400 closed",
  },
  { name: "transfer-encoding: chunked", bytes: `${CHUNKED}a\r\n0123456789\r\n0\r\n\r\n`, answer: "201 open" },
  {
    name: "transfer-encoding: chunks with lowercase size",
    bytes: `${CHUNKED}a\r\n0123456789\r\n0\r\n\r\n`,
    answer: "201 open",
  },
  {
    name: "transfer-encoding: chunks with uppercase size",
    bytes: `${CHUNKED}A\r\n0123456789\r\n0\r\n\r\n`,
    answer: "201 open",
  },
  {
    name: "transfer-encoding: POST with chunked",
    bytes: `${CHUNKED}1e\r\nall your base are belong to us\r\n0\r\n\r\n`,
    answer: "201 open",
  },
  {
    name: "transfer-encoding: two chunks and triple zero prefixed end chunk",
    bytes: `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n000\r\n\r\n`,
    answer: "201 open",
  },
  {
    name: "transfer-encoding: trailing headers",
    bytes: `${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\nVary: *\r\nContent-Type: text/plain\r\n\r\n`,
    answer: "201 400 closed",
    differs: "The runtime takes trailers for the next request.",
  },
  {
    name: "transfer-encoding: chunk extensions",
    bytes: `${CHUNKED}5;ilovew3;somuchlove=aretheseparametersfor;another=withvalue\r\nhello\r\n6;blahblah;blah\r\n world\r\n0\r\n\r\n`,
    answer: "201 open",
  },
  {
    name: "transfer-encoding: no semicolon before chunk extensions",
    bytes: `${CHUNKED}2 erfrferferf\r\naa\r\n0 rrrr\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: no extension after semicolon",
    bytes: `${CHUNKED}2;\r\naa\r\n0\r\n\r\n`,
    answer: "201 open",
    differs: "The runtime skips everything after the semicolon.",
  },
  {
    name: "transfer-encoding: chunk extensions quoting",
    bytes: `${CHUNKED}5;ilovew3="I \\"love\\"; \\\\extensions\\\\";somuchlove="aretheseparametersfor";blah;foo=bar\r\nhello\r\n6;blahblah;blah\r\n world\r\n0\r\n\r\n`,
    answer: "400 closed",
    differs: "The runtime accepts no quotes in extensions.",
  },
  {
    name: "transfer-encoding: unbalanced chunk extensions quoting",
    bytes: `${CHUNKED}5;ilovew3="abc";somuchlove="def; ghi\r\nhello\r\n6;blahblah;blah\r\n world\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: ignoring pigeons",
    bytes: `${POST}Transfer-Encoding: pigeons\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: identity and Content-Length",
    bytes: `${POST}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nWorld`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: empty thrice, and Content-Length",
    bytes: `${POST}Content-Length: 10\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\nTransfer-Encoding:\r\n\r\n2\r\nAA\r\n0\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunked before other transfer coding names",
    bytes: `${POST}Transfer-Encoding: chunked, deflate\r\n\r\nWorld`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunked and duplicate transfer-encoding",
    bytes: `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: deflate\r\n\r\nWorld`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunked as last",
    bytes: `${POST}Transfer-Encoding: deflate, chunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n`,
    answer: "400 closed",
    differs: "Valid, but no coding other than chunked is supported.",
  },
  {
    name: "transfer-encoding: chunked as last, multiple headers",
    bytes: `${POST}Transfer-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n`,
    answer: "400 closed",
    differs: "Valid, but no coding other than chunked is supported.",
  },
  {
    name: "transfer-encoding: chunkedchunked",
    bytes: `${POST}Transfer-Encoding: chunkedchunked\r\n\r\n5\r\nWorld\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: missing last-chunk",
    bytes: `${CHUNKED}3\r\nfoo\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunk parameters",
    bytes: `${CHUNKED}3 \n  \r\nfoo\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: invalid OBS fold after chunked value",
    bytes: `${POST}Transfer-Encoding: chunked\r\n  abc\r\n\r\n5\r\nWorld\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunk header not terminated by CRLF",
    bytes: `${CHUNKED}5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: chunk data not terminated by CRLF",
    bytes: `${CHUNKED}5\r\nABCDE0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "transfer-encoding: space after chunk header",
    bytes: `${CHUNKED}a \r\n0123456789\r\n0\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "content-length: with zeroes",
    bytes: `${PLAIN}Content-Length: 003\r\n\r\nabc`,
    answer: "201 open",
  },
  {
    name: "content-length: with follow-up headers",
    bytes: `${PLAIN}Content-Length: 003\r\nOhai: world\r\n\r\nabc`,
    answer: "201 open",
  },
  {
    name: "content-length: overflow",
    bytes: `${POST}Content-Length: 1000000000000000000000\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "content-length: duplicate",
    bytes: `${POST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "content-length: and identity",
    bytes: `${POST}Content-Length: 1\r\nTransfer-Encoding: identity\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "content-length: and chunked",
    bytes: `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    answer: "400 closed",
  },
  {
    name: "content-length: funky, with body",
    bytes: `GET /health HTTP/1.0\r\n${HOST}conTENT-Length: 5\r\n\r\nHELLO`,
    answer: "200 closed",
  },
  {
    name: "content-length: spaces around",
    bytes: `${PLAIN}Content-Length:  3 \r\n\r\nabc`,
    answer: "201 open",
  },
  { name: "content-length: spaces #2", bytes: `${POST}Content-Length: 4 2\r\n\r\n`, answer: "400 closed" },
  { name: "content-length: spaces #3", bytes: `${POST}Content-Length: 13 37\r\n\r\n`, answer: "400 closed" },
  { name: "content-length: empty", bytes: `${POST}Content-Length:\r\n\r\n`, answer: "400 closed" },
  {
    name: "content-length: with CR instead of dash",
    bytes: `PUT /health HTTP/1.1\r\n${HOST}Content\rLength: 003\r\n\r\nabc`,
    answer: "400 closed",
  },
  {
    name: "uri: quotes",
    bytes: `GET /with_"lovely"_quotes?foo=\\"bar\\" HTTP/1.1\r\n${HOST}\r\n`,
    answer: "404 open",
  },
  {
    name: "uri: query with question mark",
    bytes: `GET /health?foo=bar?baz HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: host terminated by a query string",
    bytes: `GET http://localhost?hail=all HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: host:port terminated by a query string",
    bytes: `GET http://localhost:1234?hail=all HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: query with vertical bar",
    bytes: `GET /health?query=| HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: host:port terminated by a space",
    bytes: `GET http://localhost:1234 HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: UTF-8 in the path",
    bytes: `GET /\u00ce\u00b4\u00c2\u00b6/pope?q=1#narf HTTP/1.1\r\n${HOST}\r\n`,
    answer: "404 open",
    differs: "The runtime accepts it; no path of this server has such characters.",
  },
  {
    name: "uri: fragment",
    bytes: `GET /health?page=1#posts-17408 HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  {
    name: "uri: underscore in hostname",
    bytes: `CONNECT home_0.netscape.com:443 HTTP/1.0\r\n${HOST}\r\n`,
    answer: "400 closed",
    differs: "CONNECT is not supported.",
  },
  {
    name: "uri: host:port and basic auth",
    bytes: `GET http://a%12:b!&*$@localhost:1234/health HTTP/1.1\r\n${HOST}\r\n`,
    answer: "200 open",
  },
  { name: "uri: space", bytes: `GET /foo bar/ HTTP/1.1\r\n${HOST}\r\n`, answer: "505 closed" },
  {
    name: "sample: simple request",
    bytes: `OPTIONS /health HTTP/1.1\r\n${HOST}Header1: Value1\r\nHeader2:\t Value2\r\n\r\n`,
    answer: "204 open",
  },
  {
    name: "sample: curl GET",
    bytes: `GET /health HTTP/1.1\r\nUser-Agent: curl/7.18.0 (i486-pc-linux-gnu) libcurl/7.18.0\r\nHost: 0.0.0.0=5000\r\nAccept: */*\r\n\r\n`,
    answer: "200 open",
  },
  { name: "sample: dumbpack", bytes: `${GET}aaaaaaaaaaaaa:++++++++++\r\n\r\n`, answer: "200 open" },
  { name: "sample: no headers and no body", bytes: "GET /health HTTP/1.1\r\n\r\n", answer: "400 closed" },
  {
    name: "sample: prefix newline",
    bytes: `\r\n${GET}\r\n`,
    answer: "400 closed",
    differs: "The runtime does not skip an empty line before a request (RFC 9112 §2.2 asks for it).",
  },
  {
    name: "sample: no HTTP version",
    bytes: "GET /\r\n\r\n",
    answer: "505 closed",
    differs: "HTTP/0.9 is not supported.",
  },
  {
    name: "sample: line folding in header value with CRLF",
    bytes: `${GET}Line1:   abc\r\n\tdef\r\n ghi\r\n\r\n`,
    answer: "400 closed",
    differs: "RFC 9112 §5.2 allows rejecting it.",
  },
  {
    name: "sample: line folding in header value with LF",
    bytes: `GET /health HTTP/1.1\n${HOST}Line1:   abc\n\tdef\n\n`,
    answer: "505 closed",
  },
  {
    name: "sample: extended characters",
    bytes: `${GET}Test: D\u00c3\u00bcsseldorf\r\n\r\n`,
    answer: "200 open",
  },
  {
    name: "sample: 255 in header value",
    bytes: `OPTIONS /health HTTP/1.1\r\n${HOST}Header2: \u00ffValue2\r\n\r\n`,
    answer: "204 open",
  },
  {
    name: "connection: restarting when keep-alive is explicit",
    bytes: `${GET}Connection: keep-alive\r\n\r\n${GET}Connection: keep-alive\r\n\r\n`,
    answer: "200 200 open",
  },
  {
    name: "connection: no restart when keep-alive is off (1.0)",
    bytes: `GET /health HTTP/1.0\r\n${HOST}\r\n${GET}\r\n`,
    answer: "200 closed",
  },
  {
    name: "connection: CRLF between requests",
    bytes: `${POST}Content-Length: 4\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nq=42\r\n\r\n`,
    answer: "201 400 closed",
    differs: "The runtime does not skip an empty line before a request (RFC 9112 §2.2 asks for it).",
  },
  { name: "connection: close", bytes: `${GET}Connection: close\r\n\r\n`, answer: "200 closed" },
  {
    name: "connection: CRLF between requests, explicit close",
    bytes: `${POST}Content-Length: 4\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\nq=42\r\n\r\n${GET}\r\n`,
    answer: "201 closed",
  },
  {
    name: "connection: multiple tokens",
    bytes: `${GET}Connection: close, token, upgrade, token, keep-alive\r\n\r\n`,
    answer: "200 closed",
  },
  {
    name: "connection: upgrade to something else",
    bytes: `${GET}Connection: upgrade\r\nUpgrade: ws\r\n\r\n`,
    answer: "200 open",
  },
  {
    name: "connection: upgrade with a body",
    bytes: `${POST}Connection: upgrade\r\nContent-Length: 15\r\nContent-Type: application/x-www-form-urlencoded\r\nUpgrade: HTTP/2.0\r\n\r\nsweet post body`,
    answer: "201 open",
  },
  {
    name: "connection: the old WebSocket handshake",
    bytes: `GET /events HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nSec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\nSec-WebSocket-Protocol: sample\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\nOrigin: http://localhost\r\n\r\n`,
    answer: "400 open",
  },
  {
    name: "connection: tokens with folding",
    bytes: `GET /events HTTP/1.1\r\n${HOST}Connection: Something,\r\n Upgrade, ,Keep-Alive\r\nUpgrade: WebSocket\r\n\r\n`,
    answer: "400 closed",
    differs: "RFC 9112 §5.2 allows rejecting folding.",
  },
  { name: "method: REPORT", bytes: `REPORT /health HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
  {
    name: "method: CONNECT",
    bytes: `CONNECT 0-home0.netscape.com:443 HTTP/1.0\r\n${HOST}\r\nsome data\r\nand yet even more data`,
    answer: "400 closed",
    differs: "CONNECT is not supported.",
  },
  {
    name: "method: M-SEARCH",
    bytes: `M-SEARCH * HTTP/1.1\r\n${HOST}\r\n`,
    answer: "400 closed",
    differs: "The runtime accepts no asterisk.",
  },
  {
    name: "method: PATCH",
    bytes: `PATCH /health HTTP/1.1\r\n${HOST}Content-Type: application/example\r\nContent-Length: 10\r\n\r\ncccccccccc`,
    answer: "405 open",
  },
  { name: "method: PURGE", bytes: `PURGE /health HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
  { name: "method: SEARCH", bytes: `SEARCH / HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
  { name: "method: LINK", bytes: `LINK /health HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
  { name: "method: UNLINK", bytes: `UNLINK /health HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
  { name: "method: SOURCE", bytes: `SOURCE /health HTTP/1.1\r\n${HOST}\r\n`, answer: "405 open" },
];
