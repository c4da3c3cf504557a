// A server whose descriptors are used up by connections that send nothing goes on serving.
import { afterAll, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { EventReader } from "../test-support/clients.ts";
import { expectNoProcessLeft, ServerProcess, SOURCE } from "../test-support/process.ts";

afterAll(expectNoProcessLeft);

const LIMIT = 400;

test.skipIf(process.platform !== "linux")(
  "silent connections make room for others, and listeners stay",
  async () => {
    await using server = await ServerProcess.start({
      command: ["bash", "-c", `ulimit -n ${LIMIT}; exec "$0" "$@"`, ...SOURCE],
    });
    const origin = server.url.origin;
    await using listener = await EventReader.open(origin, "foo");
    await listener.nextEvent("welcome");
    const silent: Socket[] = [];
    try {
      for (let round = 1; round <= 3; round++) {
        for (let i = 0; i < LIMIT; i++) {
          const socket = connect(server.port, "127.0.0.1");
          socket.on("error", () => {});
          silent.push(socket);
        }
        // Each of these is a connection of its own.
        for (let i = 0; i < 5; i++) {
          const text = `${round}-${i}`;
          const posted = await fetch(`${origin}/messages?stream=foo&text=${text}`, {
            method: "POST",
            keepalive: false,
          });
          expect(posted.status).toBe(201);
          expect(await listener.texts(1)).toEqual([text]);
        }
      }
    } finally {
      for (const socket of silent) socket.destroy();
    }
  },
  60_000,
);
