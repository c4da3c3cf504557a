import type { Attack } from "../attack.ts";
import { ofRequest } from "../clients.ts";
import { flood } from "../flood.ts";
import { longName, request } from "../requests.ts";

/** A query as long as the runtime accepts: what is cut from it must not keep it. */
const PADDING = "x".repeat(12_000);

export const streams: readonly Attack[] = [
  {
    name: "streams",
    what: "streams without a message, with names of 64 characters",
    run: (context) =>
      flood(context, {
        request: (number) =>
          request("POST", `/streams?stream=${longName("s", number)}`, ofRequest(context, number)),
      }),
  },
  {
    name: "private-streams",
    what: "private streams with names chosen by the server",
    run: (context) =>
      flood(context, {
        request: (number) => request("POST", "/streams?private=true", ofRequest(context, number)),
      }),
  },
  {
    name: "first-messages",
    what: "streams created by a message, with names of 64 characters",
    run: (context) =>
      flood(context, {
        request: (number) =>
          request("POST", `/messages?text=x&stream=${longName("f", number)}`, ofRequest(context, number)),
      }),
  },
  {
    name: "long-queries",
    what: "streams created by requests with 12 kB of other parameters",
    run: (context) =>
      flood(context, {
        request: (number) =>
          request(
            "POST",
            `/streams?stream=${longName("q", number)}&pad=${PADDING}`,
            ofRequest(context, number),
          ),
      }),
  },
  {
    name: "deleted-streams",
    what: "streams that are created and ended at once, which the server remembers",
    run: (context) => {
      const created: string[] = [];
      return flood(context, {
        request: (number) => {
          const headers = ofRequest(context, number);
          const last = created.pop();
          if (last === undefined) return request("POST", `/streams?stream=${longName("d", number)}`, headers);
          const [stream = "", owner = ""] = last.split(" ");
          return request(
            "DELETE",
            `/streams?stream=${stream}`,
            `${headers}Authorization: Bearer ${owner}\r\n`,
          );
        },
        answered: ({ body }) => {
          const [, stream, owner] = /"stream":"([^"]+)".*"owner":"(\w+)"/.exec(body) ?? [];
          if (stream !== undefined) created.push(`${stream} ${owner}`);
        },
      });
    },
  },
];
