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

/**
 * Makes the page open offline, and tells the service worker which stream it shows, when that asks. Everything else works without
 * it.
 */
export function registerWorker(stream: () => string | undefined): void {
  // Undefined on insecure origins.
  const worker = navigator.serviceWorker;
  worker?.register(trustedScriptUrl(PATH)).catch(() => {});
  worker?.addEventListener("message", ({ ports: [port] }) => port?.postMessage(stream()));
}

/** Creates the one policy that the page's headers allow. It ignores its argument and always returns this path. */
function trustedScriptUrl(path: string): string {
  const types = globalThis.trustedTypes;
  if (types === undefined) return path;
  return types.createPolicy("malten", { createScriptURL: () => PATH }).createScriptURL(path);
}
