// The SDK, the terminal and the page talk with each other: in one sealed stream, and in pipes, whichever of them opens the pipe.
import { expect, test } from "bun:test";
import { create } from "../../src/client/encrypted/index.ts";
import { pageSuite, TIMEOUT } from "../page/suite.ts";
import { CREATE, JOIN, KINDS, OPEN } from "./participants.ts";

const SHORT = { SDK: "from the SDK", terminal: "from the terminal", page: "from the page" };

/** Texts of 1024 characters that have four bytes each. */
const LONGEST = { SDK: "😀".repeat(1024), terminal: "🦊".repeat(1024), page: "🌍".repeat(1024) };

pageSuite("the SDK, the terminal and the page", (rig) => {
  test(
    "understand each other in a stream",
    async () => {
      const owner = await create(rig().server.url);
      const link = owner.links.writer ?? "";
      await using sdk = await OPEN.SDK(rig(), link);
      await using terminal = await OPEN.terminal(rig(), link);
      await using page = await OPEN.page(rig(), link);
      const all = { SDK: sdk, terminal, page };
      for (const text of [SHORT, LONGEST])
        for (const speaker of KINDS) {
          await all[speaker].say(text[speaker]);
          for (const kind of KINDS) if (kind !== speaker) await all[kind].hears(text[speaker]);
        }
      owner.close();
    },
    TIMEOUT,
  );

  for (const opener of KINDS)
    for (const joiner of KINDS)
      if (opener !== joiner)
        test(
          `understand each other in a pipe of the ${opener} that the ${joiner} joins`,
          async () => {
            await using one = await CREATE[opener](rig());
            await using other = await JOIN[joiner](rig(), one.link);
            await one.say(SHORT[opener]);
            await other.hears(SHORT[opener]);
            await other.say(SHORT[joiner]);
            await one.hears(SHORT[joiner]);
            const words = await one.words();
            expect(words).toMatch(/^([a-z]+ ){5}[a-z]+$/);
            expect(await other.words()).toBe(words);
            // A terminal cannot be typed a line that is so long.
            if (opener !== "terminal") await one.say(LONGEST[opener]);
            if (opener !== "terminal") await other.hears(LONGEST[opener]);
          },
          TIMEOUT,
        );
});
