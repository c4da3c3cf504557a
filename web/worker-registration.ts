/** The part of Trusted Types (W3C) that registering a service worker needs; TypeScript's DOM types lack it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

declare global {
  /** Chromium only. Elsewhere the policy's `trusted-types` has no effect. */
  var trustedTypes: TrustedTypes | undefined;
}

const PATH = "/worker.js";

/** Makes the page open offline. Everything else works without it. */
export function registerWorker(): void {
  // Undefined on insecure origins.
  navigator.serviceWorker?.register(trustedScriptUrl(PATH)).catch(() => {});
}

/** Creates the one policy that the page's headers allow. It ignores its argument and always returns this path. */
function trustedScriptUrl(path: string): string {
  const types = globalThis.trustedTypes;
  if (types === undefined) return path;
  return types.createPolicy("malten", { createScriptURL: () => PATH }).createScriptURL(path);
}
