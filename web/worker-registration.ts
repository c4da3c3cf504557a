/** The part of Trusted Types (W3C) that a service worker needs; the compiler's DOM does not know it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const PATH = "/worker.js";

/** Makes the page open without a connection. Without it, all else works. */
export function registerWorker(): void {
  // Absent where the page is not from a secure origin.
  navigator.serviceWorker?.register(trusted(PATH)).catch(() => undefined);
}

/** The policy that the page's headers allow makes this one address, and nothing else. */
function trusted(path: string): string {
  const { trustedTypes }: { trustedTypes?: TrustedTypes } = globalThis;
  if (trustedTypes === undefined) return path;
  return trustedTypes.createPolicy("malten", { createScriptURL: () => PATH }).createScriptURL(path);
}
