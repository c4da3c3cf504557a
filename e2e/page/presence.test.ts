// Who is here, when the answers of the server arrive out of order.
import { expect, test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, message, say } from "./window.ts";

pageSuite("who is here", (rig) => {
  test(
    "is not undone by a snapshot that is older than what came since",
    async () => {
      const bob = await rig().join("foo");
      const ada = await rig().open("/");
      const taken = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      await ada.route("**/presence?*", async (route) => {
        const response = await route.fetch();
        taken.resolve();
        await held.promise;
        await route.fulfill({ response });
      });
      await ada.evaluate("location.hash = 'foo'");
      await taken.promise;
      // Not in the snapshot.
      await bob.evaluate("sessionStorage.setItem('malten.name', 'Bob')");
      await bob.reload();
      await button(ada, "2 here").click();
      const shown = ada.getByRole("listitem").getByText("Bob");
      await shown.waitFor();

      const answered = ada.waitForResponse("**/presence?*");
      held.resolve();
      await (await answered).finished();
      await say(bob, "after it");
      await message(ada, "after it").waitFor();
      expect(await shown.count()).toBe(1);
    },
    TIMEOUT,
  );
});
