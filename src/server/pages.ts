import type { Pages } from "./app.ts";
import { acceptedEncodings } from "./http/accept.ts";

/** The page as `scripts/build-page.ts` makes it. */
export interface BuiltPage {
  /** Hash sources (CSP Level 3 §2.3.1) of the inline scripts and styles. */
  readonly scripts: readonly string[];
  readonly styles: readonly string[];
  /** Files by path. Names under `/assets/` contain a hash. */
  readonly files: Readonly<Record<string, BuiltFile>>;
}

/** A file and its compressed forms, in base64. */
export interface BuiltFile {
  readonly type: string;
  readonly identity: string;
  readonly br?: string;
  readonly gzip?: string;
}

/** Smallest first. */
const ENCODINGS = ["br", "gzip"] as const;

/** Other paths of the page, which selects its view by the address. */
const VIEWS = ["/new", "/share"];

/** Returns the handlers of the page, with a content security policy that allows only this server. */
export function pages(built: BuiltPage): Pages {
  const policy = policyOf(built);
  const table: Record<string, (request: Request) => Response> = {};
  for (const [path, file] of Object.entries(built.files)) table[path] = serveFile(path, file, policy);
  const html = table["/"];
  if (html !== undefined) for (const path of VIEWS) table[path] = html;
  return table;
}

function policyOf({ scripts, styles }: BuiltPage): string {
  const quote = (hash: string): string => `'${hash}'`;
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.map(quote).join(" ")}`,
    `style-src 'self' ${styles.map(quote).join(" ")}`,
    "connect-src 'self'",
    "img-src 'self' data:",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // Trusted Types: only this policy, which creates the URL of the service worker; duplicates are not allowed.
    "trusted-types malten",
  ].join("; ");
}

function serveFile(path: string, file: BuiltFile, policy: string): (request: Request) => Response {
  const common = {
    "content-security-policy": policy,
    "content-type": file.type,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "integrity-policy": "blocked-destinations=(script)",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache",
    vary: "accept-encoding",
  };
  const hash = new Bun.CryptoHasher("sha256").update(file.identity).digest("base64url").slice(0, 22);
  const forms = [...ENCODINGS, "identity" as const].flatMap((encoding) => {
    const content = file[encoding];
    if (content === undefined) return [];
    const etag = `"${hash}-${encoding}"`;
    const headers = { ...common, etag, ...(encoding !== "identity" && { "content-encoding": encoding }) };
    return [{ encoding, etag, headers, body: Buffer.from(content, "base64") }];
  });

  return ({ headers: asked }) => {
    const accepted = acceptedEncodings(asked.get("accept-encoding") ?? "");
    const form = forms.find(({ encoding }) => accepted.has(encoding)) ?? forms.at(-1);
    if (form === undefined) return new Response(null, { status: 204 });
    const { body, etag, headers } = form;
    const known = asked.get("if-none-match")?.split(/, */) ?? [];
    if (known.some((tag) => tag.replace(/^W\//, "") === etag))
      return new Response(null, { status: 304, headers });
    return new Response(body, { headers });
  };
}
