// The frames of other suites, byte for byte: Autobahn's cases and those of the receiver of ws.
import { afterAll, describe, expect, test } from "bun:test";
import { TestServer } from "../../test-support/server.ts";
import { AUTOBAHN } from "./autobahn-cases.ts";
import { AUTOBAHN_CLOSING } from "./autobahn-closing.ts";
import { AUTOBAHN_UTF8 } from "./autobahn-utf8.ts";
import type { FrameCase } from "./frame-case.ts";
import { FramedConnection } from "./framed-connection.ts";
import { HostileClient } from "./hostile-client.ts";
import { WS_RECEIVER } from "./ws-cases.ts";

const server = new TestServer();
const { textsOf } = new HostileClient(server);

afterAll(() => server.stop());

let cases = 0;

/** Sends a case to a stream of its own, and checks what comes back, what is stored and who is still there. */
async function run({ pieces, published, answers, closed }: FrameCase): Promise<void> {
  const stream = `case${cases++}`;
  using connection = await FramedConnection.open(server.port, stream);
  await connection.send(...pieces);
  // A connection that is closed in the turn in which its message came does not get that message any more; others do.
  const frames = await connection.answers(closed === undefined ? published.length : Number.POSITIVE_INFINITY);
  const messages = frames.filter((frame) => frame.startsWith("message "));
  const acks = frames.filter((frame) => frame === "ack");
  const others = frames.filter((frame) => frame !== "ack" && !frame.startsWith("message "));
  const texts = published.map((text) => `message ${text}`);
  expect(others).toEqual([...answers, ...(closed === undefined ? [] : [`close ${closed}`, "the end"])]);
  expect(acks).toHaveLength(published.length);
  if (closed === undefined) expect(messages).toEqual(texts);
  expect(await textsOf(stream)).toEqual([...published]);
  if (closed !== undefined) expect(server.hub.observers(stream)).toBe(0);
}

for (const [suite, groups] of Object.entries({
  Autobahn: { ...AUTOBAHN, ...AUTOBAHN_UTF8, ...AUTOBAHN_CLOSING },
  "the receiver of ws": WS_RECEIVER,
})) {
  for (const [group, list] of Object.entries(groups)) {
    describe(`${suite}: ${group}`, () => {
      for (const each of list) test(each.id, () => run(each), 30_000);
    });
  }
}
