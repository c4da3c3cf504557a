import { dlopen } from "bun:ffi";
import { closeSync, openSync } from "node:fs";
import { DESCRIPTORS, listDescriptors } from "./descriptors.ts";

/** `asm-generic/socket.h` of Linux. */
const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;

/** What finding sockets needs from the system. Passed in, so that its absence can be tested. */
export interface SystemFiles {
  /** The C library: glibc. */
  readonly library: string;
  /** The directory of this process's open files. */
  readonly descriptors: string;
}

export const LINUX_FILES: SystemFiles = { library: "libc.so.6", descriptors: DESCRIPTORS };

/** Returns the descriptors of all listening sockets of this process. @throws if the library or the directory is missing */
export function listeningSockets({ library, descriptors }: SystemFiles = LINUX_FILES): number[] {
  const int = "int";
  const libc = dlopen(library, {
    getsockopt: { args: [int, int, int, "buffer", "buffer"], returns: int },
  });
  const found = listDescriptors(descriptors).filter((fd) => {
    const listens = new Int32Array(1);
    const size = new Uint32Array([listens.byteLength]);
    libc.symbols.getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, listens, size);
    return listens[0] === 1;
  });
  libc.close();
  return found;
}

/**
 * Closes a listening socket that the runtime has open, and nothing else: `Bun.Server.stop` also closes connections that are idle
 * between two requests, while a client may be sending one. The runtime keeps the descriptor, which is then of /dev/null.
 * @throws if the library is missing
 */
export function closeListeningSocket(descriptor: number, { library }: SystemFiles = LINUX_FILES): void {
  const libc = dlopen(library, { dup2: { args: ["int", "int"], returns: "int" } });
  const nothing = openSync("/dev/null", "r");
  const result = libc.symbols.dup2(nothing, descriptor);
  closeSync(nothing);
  libc.close();
  if (result !== descriptor) throw new Error("dup2 failed");
}
