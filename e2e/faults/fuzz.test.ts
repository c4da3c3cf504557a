// A bounded run of the fuzzer: always the same cases. `npm run fuzz` searches with others; see CONTRIBUTING.md.
import { afterAll, expect, test } from "bun:test";
import { checkAnswer } from "../../test-support/fuzz/answer.ts";
import { fuzz } from "../../test-support/fuzz/fuzzer.ts";
import { FUZZED_SERVER, MAX_RESIDENT } from "../../test-support/fuzz/target.ts";
import { expectNoProcessLeft, ServerProcess } from "../../test-support/process.ts";

const CASES = 12_000;

afterAll(expectNoProcessLeft);

test("generated requests, frames and resumes break nothing", async () => {
  await using server = await ServerProcess.start({ args: FUZZED_SERVER });
  const report = await fuzz(server, 1, { maxResident: MAX_RESIDENT, goOn: (cases) => cases < CASES });
  expect(report.cases).toBe(CASES);
  expect(report.witnessed).toBeGreaterThan(CASES / 500);
  // The cases reach the server's own code, and are not all rejected by the parser.
  for (const status of [101, 200, 201, 204, 400, 401, 404, 405, 409, 413, 415])
    expect(Array.from(report.statuses.keys())).toContain(status);
  expect(await server.stop()).toBe(0);
  expect(await server.errors).toBe("");
}, 120_000);

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: ";

/** What the fuzzer must recognise as broken. */
const broken: Record<string, string> = {
  "a status of our own faults": "HTTP/1.1 500 Internal Server Error\r\n\r\n",
  "a header that a client injected": `${HEAD}text/plain\r\nno colon\r\n\r\n`,
  "a header that appears twice": `${HEAD}text/plain\r\nContent-Type: text/html\r\n\r\n`,
  "a chunk longer than its size": `${HEAD}text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`,
  "bytes after the body": `${HEAD}text/plain\r\nContent-Length: 1\r\n\r\nab\r\n\r\n`,
  "a body that is not JSON": `${HEAD}application/json\r\nContent-Length: 2\r\n\r\n{]`,
  "a problem of another status": `${HEAD}application/problem+json\r\nContent-Length: 14\r\n\r\n{"status":404}`,
  "an event with a field of a client": `${HEAD}text/event-stream\r\n\r\ndata:{}\nevent:x\n\n`,
  "an event with two ids": `${HEAD}text/event-stream\r\n\r\nid:1-a\nid:2-a\ndata:{}\n\n`,
  "an id that is no cursor": `${HEAD}text/event-stream\r\n\r\nid:${"1".repeat(21)}-a\ndata:{}\n\n`,
  "a line that is not JSON": `${HEAD}application/x-ndjson\r\n\r\n{}\nx\n`,
  "a masked frame": "HTTP/1.1 101 Switching Protocols\r\n\r\n\u0081\u0080\0\0\0\0",
  "a frame with a reserved bit": "HTTP/1.1 101 Switching Protocols\r\n\r\n\u00c1\u0000",
  "a binary frame": "HTTP/1.1 101 Switching Protocols\r\n\r\n\u0082\u0001a",
  "an internal error in a frame": `HTTP/1.1 101 Switching Protocols\r\n\r\n\u0081\u0022{"Type":"error","Code":"internal"}`,
  "a frame after the close frame": "HTTP/1.1 101 Switching Protocols\r\n\r\n\u0088\u0000\u0089\u0000",
};
for (const [name, answer] of Object.entries(broken)) {
  test(`the fuzzer recognises ${name}`, () => {
    expect(() => checkAnswer(Buffer.from(answer, "latin1"), false)).toThrow();
  });
}
