import { dlopen } from "bun:ffi";
import { readdirSync } from "node:fs";

/** How long what was sent may go without an answer from the other machine until it is taken for dead, in milliseconds. */
const PATIENCE = 8000;

/** Of Linux: `asm-generic/socket.h`, `linux/tcp.h`. */
const LINUX = { SOL_SOCKET: 1, SO_ACCEPTCONN: 30, IPPROTO_TCP: 6, TCP_USER_TIMEOUT: 18 };

/**
 * Lets a connection end soon after the other machine vanished without a word, for all servers of this process that listen now:
 * `TCP_USER_TIMEOUT` (tcp(7), RFC 5482), which connections have from the socket that accepts them. Otherwise a heartbeat over
 * plain HTTP goes unanswered for a quarter of an hour until the kernel gives up. The runtime has no option for it, so it is
 * asked of the C library; elsewhere than on Linux with glibc all stays as it was.
 */
export function noticeDeadPeers(): void {
  if (process.platform !== "linux") return;
  try {
    const int = "int";
    const libc = dlopen("libc.so.6", {
      getsockopt: { args: [int, int, int, "buffer", "buffer"], returns: int },
      setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
    });
    const { getsockopt, setsockopt } = libc.symbols;
    const patience = new Int32Array([PATIENCE]);
    for (const fd of readdirSync("/proc/self/fd").map(Number)) {
      const listens = new Int32Array(1);
      getsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_ACCEPTCONN, listens, new Uint32Array([listens.byteLength]));
      if (listens[0] === 1)
        setsockopt(fd, LINUX.IPPROTO_TCP, LINUX.TCP_USER_TIMEOUT, patience, patience.byteLength);
    }
    libc.close();
  } catch {
    // There is no such library, or no such list of files.
  }
}
