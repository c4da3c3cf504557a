import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { openTcpConnections } from "./tcp-connections.ts";

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
      const found = connections.all().find(({ port }) => port === listener.port);
      expect(found?.descriptor).toBeGreaterThan(low);
    } finally {
      client.end();
      listener.stop(true);
    }
  },
);
