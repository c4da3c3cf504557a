// The looks themselves: a state is read at rest, never in mid-transition.
import { test } from "bun:test";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { listed } from "./window.ts";

/** Inserts the row again and again, so that it is always halfway through fading in; for the browser to evaluate. */
const KEEP_FADING = `setInterval(() => {
  const row = document.querySelector(".stream").parentElement;
  row.replaceWith(row.cloneNode(true));
  for (const animation of document.getAnimations()) {
    if (!(animation instanceof CSSTransition)) continue;
    animation.pause();
    animation.currentTime = 150;
  }
}, 20); 0`;

pageSuite("the screenshot check", (rig) => {
  test(
    "shows a stream that is fading into the list in its final colours",
    async () => {
      const page = await rig().open("/");
      await rig().post("foo", "hello");
      await listed(page, "foo").waitFor();
      await page.evaluate(KEEP_FADING);
      await look(page, "fading");
    },
    TIMEOUT,
  );
});
