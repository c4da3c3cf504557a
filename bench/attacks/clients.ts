import type { ClientMode } from "./attack.ts";

/** The address of the client that attacks alone. From a range for documentation (RFC 5737). */
const ATTACKER = "203.0.113.9";

/** The address of the client that is measured. */
export const HONEST = "198.51.100.7";

/** Distinct addresses of many clients, from 10.0.0.0/8. */
const ADDRESSES = 1 << 24;

/** The header of a trusted proxy that names the client. */
function forwardedFor(address: string): string {
  return `X-Forwarded-For: ${address}\r\n`;
}

/** Returns a function that gives each client its header line. */
export function addressing(mode: ClientMode): (client: number) => string {
  switch (mode) {
    case "local":
      return () => "";
    case "one":
      return () => forwardedFor(ATTACKER);
    case "many":
      return (client) => {
        const number = client % ADDRESSES;
        return forwardedFor(`10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`);
      };
  }
}
