import type { BunPlugin } from "bun";

/**
 * Leaves out the module `crypto` of Node.js, which a library falls back to where WebCrypto is missing: bundlers replace it by half a
 * megabyte of other people's cryptography, and all runtimes that are supported have WebCrypto.
 */
export const onlyWebCrypto: BunPlugin = {
  name: "only WebCrypto",
  setup(build) {
    build.onResolve({ filter: /^(node:)?crypto$/ }, () => ({ path: "crypto", namespace: "web" }));
    build.onLoad({ filter: /^crypto$/, namespace: "web" }, () => {
      return { contents: "export const webcrypto = globalThis.crypto;", loader: "js" };
    });
  },
};
