import type { Attack } from "../attack.ts";
import { flood } from "../flood.ts";
import { hold } from "../hold.ts";
import { longName, request } from "../requests.ts";

/** Requests in flight per connection. */
const DEPTH = 64;

export const everything: Attack = {
  name: "everything",
  what: "streams, messages and listeners, as many as it can at the same time",
  run: async (context) => {
    const flooding = { connections: 16, depth: DEPTH };
    await Promise.all([
      flood(context, {
        ...flooding,
        request: (number) =>
          request("POST", `/streams?stream=${longName("e", number)}`, context.forwarded(number)),
      }),
      flood(context, {
        ...flooding,
        request: (number) =>
          request("POST", `/messages?stream=e${number % 64}&text=x`, context.forwarded(number)),
      }),
      hold(context, {
        opening: (number) => request("GET", `/events?stream=e${number % 64}`, context.forwarded(number)),
      }),
    ]);
  },
};
