import { isName } from "../protocol/name.ts";
import { readPreferences } from "./http/accept.ts";

/**
 * Returns a redirect of `/foo` to `/#foo`, the page's address of the stream foo, for browsers: whoever hears of a stream types that.
 * Undefined if the path is no stream's name, or if the client has not asked for HTML.
 */
export function redirectToStream(path: string, { headers }: Request): Response | undefined {
  const name = path.slice(1);
  const accepted = readPreferences(headers.get("accept") ?? "");
  if (!isName(name) || !accepted.some(({ value, weight }) => value === "text/html" && weight > 0)) return;
  return new Response(null, {
    status: 302,
    headers: {
      location: `/#${name}`,
      // The name may be a secret.
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  });
}
