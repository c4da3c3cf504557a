import { dlopen, ptr } from "bun:ffi";
import { LINUX_FILES, listeningSockets, type SystemFiles } from "../listening-sockets.ts";
import { INSTRUCTION_SIZE } from "./syn-filter.ts";

/** `asm-generic/socket.h` of Linux. */
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_DETACH_FILTER = 27;

/** The filter of all listening sockets of this process: see socket(7). Connections inherit the one of the socket that accepts them. */
export interface ListenerFilter {
  /**
   * Replaces the filter. Returns whether a socket has it now.
   * @param program as {@link synFilter} returns it; undefined: no filter
   */
  set(program: Uint8Array | undefined): boolean;
  /** Finds the listening sockets, also after others were opened. Those have no filter yet. */
  refresh(): void;
}

/** Returns undefined where the system is not Linux with glibc. Without /proc, no socket is found. */
export function findListenerFilter(files: SystemFiles = LINUX_FILES): ListenerFilter | undefined {
  try {
    return openListenerFilter(files);
  } catch {
    return undefined;
  }
}

/** @throws if the library is missing */
function openListenerFilter(files: SystemFiles): ListenerFilter {
  const int = "int";
  const { symbols } = dlopen(files.library, {
    setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
  });
  let sockets: readonly number[] = [];
  // `struct sock_fprog` (linux/filter.h): the number of instructions, and where they are.
  const filter = new DataView(new ArrayBuffer(16));
  const nothing = new Int32Array(1);
  return {
    set(program) {
      if (program !== undefined) {
        filter.setUint16(0, program.byteLength / INSTRUCTION_SIZE, true);
        filter.setBigUint64(8, BigInt(ptr(program)), true);
      }
      const results = sockets.map((descriptor) =>
        program === undefined
          ? symbols.setsockopt(descriptor, SOL_SOCKET, SO_DETACH_FILTER, nothing, nothing.byteLength)
          : symbols.setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, filter, filter.byteLength),
      );
      return program !== undefined && results.includes(0);
    },
    refresh() {
      try {
        sockets = listeningSockets(files);
      } catch {
        sockets = [];
      }
    },
  };
}
