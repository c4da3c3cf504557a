/** The lower bound for this runtime: an HTTP server that ignores the request and returns constants the size of Malten's responses. */
const message = JSON.stringify({
  Id: "1795369196566001-mivbvxb7",
  Text: "!".padEnd(100, "x"),
  Type: "message",
  Created: "1795369196566001000",
  Stream: "b0000001",
  Metadata: null,
});
const page = `[${Array.from({ length: 25 }, () => message).join(",")}]`;

/** The headers of Malten's responses. */
const headers = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "allow, retry-after, malten-cursor, malten-gap, malten-server",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-type": "application/json",
};

const pageHeaders = { ...headers, "malten-server": "mivbvxb7" };

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) =>
    request.method === "POST"
      ? new Response(message, { status: 201, headers })
      : new Response(page, { headers: pageHeaders }),
});
console.log(server.url.href);
