/** The part of Trusted Types (W3C) that a service worker needs; the compiler's DOM does not know it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

declare global {
  /** Only Chromium has it; elsewhere, a policy has no Trusted Types. */
  var trustedTypes: TrustedTypes | undefined;
}

const PATH = "/worker.js";

/** Makes the page open without a connection. Without it, all else works. */
export function registerWorker(): void {
  // Absent where the page is not from a secure origin.
  navigator.serviceWorker?.register(trusted(PATH)).catch(() => {});
}

/** The policy that the page's headers allow makes this one address, and nothing else. */
function trusted(path: string): string {
  const types = globalThis.trustedTypes;
  if (types === undefined) return path;
  return types.createPolicy("malten", { createScriptURL: () => PATH }).createScriptURL(path);
}
