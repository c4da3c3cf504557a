import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { peerOf } from "./live-peers.ts";
import { openTcpConnections } from "./tcp-connections.ts";

/** 127.0.0.1. */
const LOOPBACK = [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1];

test.skipIf(process.platform !== "linux")(
  "connections above a free descriptor are counted and found",
  async () => {
    const connections = openTcpConnections(1024);
    // Freed while the connection is open: no descriptor that comes later may hide it.
    const low = openSync("/dev/null", "r");
    const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const client = await Bun.connect({ hostname: "127.0.0.1", port: listener.port, socket: { data() {} } });
    try {
      const before = connections.count() ?? 0;
      closeSync(low);
      expect(connections.count()).toBe(before - 1);
      const found = connections.all().find(({ peer }) => peer === peerOf(LOOPBACK, listener.port));
      expect(found?.descriptor).toBeGreaterThan(low);
    } finally {
      client.end();
      listener.stop(true);
    }
  },
);
