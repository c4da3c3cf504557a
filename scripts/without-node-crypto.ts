import type { BunPlugin } from "bun";

/**
 * Keeps Node's `crypto` out of bundles for browsers. The libraries of pipes import it where `globalThis.crypto` is missing, as in
 * Node.js 18; the bundler would put its substitute for browsers into the bundle, with half a megabyte.
 */
export const withoutNodeCrypto: BunPlugin = {
  name: "without Node's crypto",
  setup(build) {
    const namespace = "web-crypto";
    build.onResolve({ filter: /^crypto$/ }, () => ({ path: "crypto", namespace }));
    build.onLoad({ filter: /^crypto$/, namespace }, () => ({
      contents: "export const webcrypto = globalThis.crypto;",
      loader: "js",
    }));
  },
};
