// The page over HTTPS: a secure context, which encryption in the browser needs.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { message, say, texts } from "./window.ts";

pageSuite(
  "over HTTPS",
  (rig) => {
    test(
      "people talk, and the browser can encrypt",
      async () => {
        const ada = await rig().join("foo");
        const bob = await rig().join("foo");
        await say(ada, "hello");
        await message(bob, "hello").waitFor();
        expect(await texts(bob)).toEqual(["hello"]);
        expect(ada.url()).toStartWith("https://");
        const secure = "[isSecureContext, typeof crypto.subtle.deriveKey]";
        expect(await ada.evaluate(secure)).toEqual([true, "function"]);
      },
      TIMEOUT,
    );
  },
  { args: ["--port", "0", "--rate-limit", "0", "--tls-self-signed"] },
);
