import { dlopen } from "bun:ffi";
import { countDescriptors, listDescriptors } from "../descriptors.ts";
import type { Logger } from "../log.ts";
import { ipv4, type Address } from "../../protocol/address.ts";
import { peerOf, type Peer } from "./live-peers.ts";

/** Constants of Linux: `bits/socket.h`, `linux/tcp.h`. */
const LINUX = { AF_INET: 2, AF_INET6: 10, IPPROTO_TCP: 6, TCP_INFO: 11, TCP_USER_TIMEOUT: 18, SHUT_RDWR: 2 };

/** Offsets in `struct tcp_info` (linux/tcp.h), in bytes. */
const TCP_INFO = { size: 136, lastDataSent: 44, lastDataReceived: 52, bytesAcked: 120 };

/** A TCP connection of this process. */
export interface TcpConnection {
  readonly descriptor: number;
  /** The other end. */
  readonly address: Address;
  readonly peer: Peer;
}

/** What the kernel knows of a connection. */
export interface TcpState {
  /** How much the client has acknowledged, in bytes. */
  readonly acknowledged: bigint;
  /** Time since something was sent or received, in milliseconds. */
  readonly quiet: number;
}

/** The TCP connections of this process, including those that the runtime does not report because they sent no request. */
export interface TcpConnections {
  /** Returns the number of open descriptors of all kinds; undefined if it cannot be found because none is free. */
  count(): number | undefined;
  all(): TcpConnection[];
  state(connection: TcpConnection): TcpState;
  /** Ends a connection. The runtime notices it as if the client had done so. */
  shutDown(connection: TcpConnection): void;
  /** Sets how long the kernel waits for a client that takes nothing, in milliseconds. */
  wait(connection: TcpConnection, time: number): void;
}

/**
 * Calls the C library, because the runtime has no functions for it.
 * @param limit how many descriptors this process may have open
 * @throws if it is not glibc on Linux, or without /proc
 */
export function openTcpConnections(limit: number, library = "libc.so.6"): TcpConnections {
  listDescriptors();
  const int = "int";
  const { symbols } = dlopen(library, {
    getpeername: { args: [int, "buffer", "buffer"], returns: int },
    getsockopt: { args: [int, int, int, "buffer", "buffer"], returns: int },
    setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
    shutdown: { args: [int, int], returns: int },
  });
  const name = new DataView(new ArrayBuffer(28));
  const info = new DataView(new ArrayBuffer(TCP_INFO.size));
  const length = new Uint32Array(1);
  const value = new Int32Array(1);

  const peer = (descriptor: number): Address | undefined => {
    length[0] = name.byteLength;
    if (symbols.getpeername(descriptor, name, length) !== 0) return undefined;
    const family = name.getUint16(0, true);
    if (family === LINUX.AF_INET) return ipv4(name.getUint16(4), name.getUint16(6));
    if (family !== LINUX.AF_INET6) return undefined;
    return Array.from({ length: 8 }, (_, group) => name.getUint16(8 + 2 * group));
  };

  return {
    count: countDescriptors,
    all() {
      // The lowest free descriptor says little about the others: clients choose which connections they close.
      const descriptors = findDescriptors() ?? Array.from({ length: limit }, (_, descriptor) => descriptor);
      return descriptors.flatMap((descriptor) => {
        const address = peer(descriptor);
        // The port is at the same place for both families.
        return address === undefined
          ? []
          : [{ descriptor, address, peer: peerOf(address, name.getUint16(2)) }];
      });
    },
    state({ descriptor }) {
      length[0] = info.byteLength;
      if (symbols.getsockopt(descriptor, LINUX.IPPROTO_TCP, LINUX.TCP_INFO, info, length) !== 0)
        return { acknowledged: 0n, quiet: 0 };
      return {
        acknowledged: info.getBigUint64(TCP_INFO.bytesAcked, true),
        quiet: Math.min(
          info.getUint32(TCP_INFO.lastDataSent, true),
          info.getUint32(TCP_INFO.lastDataReceived, true),
        ),
      };
    },
    shutDown({ descriptor }) {
      symbols.shutdown(descriptor, LINUX.SHUT_RDWR);
    },
    wait({ descriptor }, time) {
      value[0] = time;
      symbols.setsockopt(descriptor, LINUX.IPPROTO_TCP, LINUX.TCP_USER_TIMEOUT, value, value.byteLength);
    },
  };
}

/** Returns undefined if none is free. */
function findDescriptors(): number[] | undefined {
  try {
    return listDescriptors();
  } catch {
    return undefined;
  }
}

/** Returns undefined, and logs a warning, where the system is not Linux with glibc. `limit` is that of {@link openTcpConnections}. */
export function findTcpConnections(log: Logger, limit: number): TcpConnections | undefined {
  let connections: TcpConnections | undefined;
  try {
    connections = openTcpConnections(limit);
  } catch {
    log.warning(
      "cannot count connections that send nothing (needs Linux with glibc and /proc): they may use up the descriptors of the process",
    );
  }
  return connections;
}
