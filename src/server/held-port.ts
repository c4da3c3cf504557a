import { dlopen } from "bun:ffi";
import { parseAddress, type Address } from "../protocol/address.ts";

/** Constants of Linux: `bits/socket.h`, `asm-generic/socket.h`, `linux/in6.h`. */
const LINUX = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_CLOEXEC: 0x80000,
  SOL_SOCKET: 1,
  SO_REUSEPORT: 15,
};
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** A port that no other program can listen on, and that processes of this server can share. */
export interface HeldPort {
  readonly port: number;
  release(): void;
}

/**
 * Holds a port by a socket that never listens. It is bound without SO_REUSEPORT, so that binding fails if another socket has the
 * port, and gets the option afterwards, so that processes of the same user can listen on it with theirs (socket(7)).
 * `host`: an address; undefined: all. `port`: 0 for any.
 * @returns undefined if that is not possible: the port is taken, there is no glibc, or the host is a name
 */
export function holdPort(
  { port, host }: { readonly port: number; readonly host?: string | undefined },
  library = "libc.so.6",
): HeldPort | undefined {
  const address = host === undefined ? ANY : parseAddress(host);
  if (address === undefined || process.platform !== "linux") return undefined;
  try {
    return bind(port, address, library);
  } catch {
    // No such library.
    return undefined;
  }
}

const ANY: Address = [0, 0, 0, 0, 0, 0, 0, 0];

/** @throws if the library is missing */
function bind(port: number, address: Address, library: string): HeldPort | undefined {
  const int = "int";
  const { symbols } = dlopen(library, {
    socket: { args: [int, int, int], returns: int },
    setsockopt: { args: [int, int, int, "buffer", "u32"], returns: int },
    bind: { args: [int, "buffer", "u32"], returns: int },
    getsockname: { args: [int, "buffer", "buffer"], returns: int },
    close: { args: [int], returns: int },
  });
  const name = socketName(port, address);
  const family = name.getUint16(0, true);
  const descriptor = symbols.socket(family, LINUX.SOCK_STREAM | LINUX.SOCK_CLOEXEC, 0);
  const set = (level: number, option: number, value: number) =>
    symbols.setsockopt(descriptor, level, option, new Int32Array([value]), 4);
  if (descriptor < 0) return undefined;
  // As the runtime listens on all addresses.
  if (family === LINUX.AF_INET6) set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  const isBound =
    symbols.bind(descriptor, name, name.byteLength) === 0 &&
    set(LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT, 1) === 0 &&
    symbols.getsockname(descriptor, name, new Uint32Array([name.byteLength])) === 0;
  const release = () => void symbols.close(descriptor);
  if (isBound) return { port: name.getUint16(2), release };
  release();
  return undefined;
}

/** Returns a `struct sockaddr_in` or `sockaddr_in6`. */
function socketName(port: number, address: Address): DataView {
  const [first = 0, second = 0] = address.slice(6);
  const isIpv4 = address[5] === 0xffff && address.slice(0, 5).every((group) => group === 0);
  const name = new DataView(new ArrayBuffer(isIpv4 ? 16 : 28));
  name.setUint16(0, isIpv4 ? LINUX.AF_INET : LINUX.AF_INET6, true);
  name.setUint16(2, port);
  if (isIpv4) {
    name.setUint16(4, first);
    name.setUint16(6, second);
  } else for (const [i, group] of address.entries()) name.setUint16(8 + 2 * i, group);
  return name;
}
