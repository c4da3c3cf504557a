// The presence list when responses arrive out of order.
import { test } from "bun:test";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, message } from "./window.ts";

pageSuite("the presence list", (rig) => {
  test(
    "is not overwritten by a snapshot older than the latest event",
    async () => {
      const bob = await rig().join("foo");
      const ada = await rig().open("/");
      const taken = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const heard = Promise.withResolvers<void>();
      ada.on("websocket", (socket) => {
        socket.on("framereceived", ({ payload }) => {
          if (String(payload).includes('"Bob"')) heard.resolve();
        });
      });
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
      await heard.promise;

      const answered = ada.waitForResponse("**/presence?*");
      held.resolve();
      await (await answered).finished();
      await rig().post("foo", "after the snapshot");
      await message(ada, "after the snapshot").waitFor();
      await button(ada, "2 here").click();
      await ada.getByRole("listitem").getByText("Bob").waitFor();
    },
    TIMEOUT,
  );
});
