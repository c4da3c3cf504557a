import type { Pages } from "./app.ts";

/**
 * The page, with a policy that lets nothing in from elsewhere. Its one script and one style stand in the page itself,
 * and are allowed by their hash (CSP Level 3 §2.3.1).
 */
export function pages(html: string): Pages {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(html, "script")}'`,
    `style-src '${hashOf(html, "style")}'`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const headers = {
    "cache-control": "no-cache",
    "content-security-policy": policy,
    "content-type": "text/html; charset=utf-8",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  return { "/": () => new Response(html, { headers }) };
}

function hashOf(html: string, element: "script" | "style"): string {
  const content = new RegExp(`<${element}[^>]*>([\\s\\S]*?)</${element}>`).exec(html)?.[1] ?? "";
  return `sha256-${new Bun.CryptoHasher("sha256").update(content).digest("base64")}`;
}
