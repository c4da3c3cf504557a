import { dlopen } from "bun:ffi";
import { readdirSync } from "node:fs";
import type { Logger } from "./log.ts";

/** How long sent data may stay unacknowledged before the connection is closed, in milliseconds. */
const USER_TIMEOUT = 8000;

/** How much data the kernel takes before it is sent, in bytes. */
const UNSENT = 64 * 1024;

/** Constants of Linux: `asm-generic/socket.h`, `linux/tcp.h`. */
const LINUX = {
  SOL_SOCKET: 1,
  SO_ACCEPTCONN: 30,
  IPPROTO_TCP: 6,
  TCP_USER_TIMEOUT: 18,
  TCP_NOTSENT_LOWAT: 25,
};

/** What {@link detectDeadConnections} needs from the system. Passed in, so that its absence can be tested. */
interface SystemFiles {
  /** The C library: glibc. */
  readonly library: string;
  /** The directory of this process's open files. */
  readonly descriptors: string;
}

const LINUX_FILES: SystemFiles = { library: "libc.so.6", descriptors: "/proc/self/fd" };

/**
 * Sets `TCP_USER_TIMEOUT` (tcp(7), RFC 5482) on all listening sockets of this process; connections inherit it from the
 * socket that accepts them. A connection to a machine that vanished then closes soon after the next heartbeat. Without it, a
 * heartbeat over plain HTTP stays unacknowledged for a quarter of an hour until the kernel gives up. The runtime has no option
 * for it, so the C library is called. Logs a warning if that is not possible: it needs Linux with glibc and /proc.
 */
export function detectDeadConnections(log: Logger, files: SystemFiles = LINUX_FILES): void {
  try {
    if (setUserTimeout(files) > 0) return;
  } catch {
    // No such library or directory.
  }
  log.warning(
    "cannot set TCP_USER_TIMEOUT (needs Linux with glibc and /proc): " +
      "listeners over plain HTTP whose machine vanishes are counted for up to 15 minutes",
  );
}

/** Returns the number of sockets that were set. @throws if the library or the directory is missing */
function setUserTimeout({ library, descriptors }: SystemFiles): number {
  const int = "int";
  const libc = dlopen(library, {
    getsockopt: { args: [int, int, int, "buffer", "buffer"], returns: int },
    setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
  });
  const { getsockopt, setsockopt } = libc.symbols;
  const { SOL_SOCKET, SO_ACCEPTCONN, IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_NOTSENT_LOWAT } = LINUX;
  const timeout = new Int32Array([USER_TIMEOUT]);
  const unsent = new Int32Array([UNSENT]);
  let count = 0;
  for (const fd of readdirSync(descriptors).map(Number)) {
    const listens = new Int32Array(1);
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, listens, new Uint32Array([listens.byteLength]));
    if (listens[0] !== 1) continue;
    if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout, timeout.byteLength) === 0) count++;
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent, unsent.byteLength);
  }
  libc.close();
  return count;
}
