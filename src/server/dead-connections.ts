import { dlopen } from "bun:ffi";
import { LINUX_FILES, listeningSockets, type SystemFiles } from "./listening-sockets.ts";
import type { Logger } from "./log.ts";

/** How long sent data may stay unacknowledged before the connection is closed, in milliseconds. */
const USER_TIMEOUT = 8000;

/** `linux/in.h`, `linux/tcp.h`. */
const IPPROTO_TCP = 6;
const TCP_USER_TIMEOUT = 18;

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
function setUserTimeout(files: SystemFiles): number {
  const sockets = listeningSockets(files);
  const int = "int";
  const libc = dlopen(files.library, {
    setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
  });
  const { setsockopt } = libc.symbols;
  const timeout = new Int32Array([USER_TIMEOUT]);
  let count = 0;
  for (const fd of sockets) {
    if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, timeout, timeout.byteLength) === 0) count++;
  }
  libc.close();
  return count;
}
