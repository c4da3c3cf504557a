import type { AttackContext, ClientMode } from "./attack.ts";

/** The address of the client that attacks alone. From a range for documentation (RFC 5737). */
const ATTACKER = "203.0.113.9";

/** The network of the clients that are measured. From another range for documentation. */
const HONEST = "198.51.100.";

/** Distinct addresses of many clients, from 10.0.0.0/8. */
const ADDRESSES = 1 << 24;

/** Connections for each address of a client: as many as one client may have. */
const CONNECTIONS_PER_CLIENT = 64;

/** Requests for each address of a client: enough to use up what one client may create. */
const REQUESTS_PER_CLIENT = 50;

/** Returns the header line of a connection of the client whose turn it is. */
export function ofConnection(context: AttackContext, connection: number): string {
  return context.forwarded(connection / CONNECTIONS_PER_CLIENT);
}

/** Returns the header line of a request of the client whose turn it is. */
export function ofRequest(context: AttackContext, request: number): string {
  return context.forwarded(request / REQUESTS_PER_CLIENT);
}

/** The header of a trusted proxy that names the client. */
function forwardedFor(address: string): string {
  return `X-Forwarded-For: ${address}\r\n`;
}

/** The address of a client that is measured, with a number below 256. */
export function honestAddress(client: number): string {
  return HONEST + client;
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
