import { expect, test } from "bun:test";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { ipv4 } from "../../protocol/address.ts";
import { findListenerFilter } from "./listener-filter.ts";
import { synFilter } from "./syn-filter.ts";

/** 127.0.0.5. */
const BLOCKED = ipv4(0x7f00, 5);

test.skipIf(process.platform !== "linux")(
  "the kernel ignores new connections of some addresses until the filter is removed",
  async () => {
    using cleanUp = new DisposableStack();
    // On all addresses, as the server itself: where there is IPv6, IPv4 arrives at an IPv6 socket.
    const server = createServer((socket) => socket.pipe(socket)).listen(0);
    cleanUp.defer(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const open = (localAddress: string): Socket => {
      const socket = connect({ port, host: "127.0.0.1", localAddress });
      cleanUp.defer(() => socket.destroy());
      return socket;
    };
    const echo = async (socket: Socket): Promise<void> => {
      socket.write("x");
      await once(socket, "data");
    };
    const established = open("127.0.0.5");
    await echo(established);

    const filter = findListenerFilter();
    filter?.refresh();
    cleanUp.defer(() => filter?.set(undefined));
    expect(filter?.set(synFilter([BLOCKED]))).toBe(true);
    const ignored = open("127.0.0.5");
    let isConnected = false;
    ignored.once("connect", () => (isConnected = true));
    // On loopback, the kernel handles an attempt within connect(2).
    for (let i = 0; i < 10; i++) await echo(open("127.0.0.6"));
    await echo(established);
    expect(isConnected).toBe(false);
    filter?.set(undefined);
    await echo(ignored);
  },
);

test("there is no filter without the C library, and none is set where no socket is found", () => {
  expect(findListenerFilter({ library: "libc.musl.so", descriptors: "/proc/self/fd" })).toBeUndefined();
  const filter = findListenerFilter({ library: "libc.so.6", descriptors: "/proc/none" });
  filter?.refresh();
  expect(filter?.set(synFilter([BLOCKED])) ?? false).toBe(false);
});
