// Streams that machines write: the view of logs.
import { expect, test } from "bun:test";
import { fullLog, lines, line, filter, joinLog, shownLines } from "./logs.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, draft, log, message, say } from "./window.ts";

/** How much of the log is below its window, in pixels. */
const BELOW = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(
  document.querySelector("[role=log]"))`;

pageSuite("the view of logs", (rig) => {
  test(
    "is chosen by itself for logs, by hand for anything, and remembered for the tab",
    async () => {
      for (let i = 0; i < 6; i++) await rig().post("app", `2026-11-26T10:43:1${i}Z INFO request ${i}`);
      const page = await rig().join("app");
      await line(page, "request 5").waitFor();
      await button(page, "Show as conversation").click();
      await message(page, "2026-11-26T10:43:15Z INFO request 5").waitFor();
      await page.reload();
      await message(page, "2026-11-26T10:43:15Z INFO request 5").waitFor();
      await button(page, "Show as log").click();
      await line(page, "request 5").waitFor();

      for (const text of ["Hello!", "Lunch at 12:30?", "Yes", "[laughs]", "ok", "see you"])
        await rig().post("people", text);
      await page.evaluate("location.hash = 'people'");
      await message(page, "see you").waitFor();
      await button(page, "Show as log").click();
      await line(page, "see you").waitFor();
      // A machine begins to write where nobody did.
      await page.evaluate("location.hash = 'empty'");
      await page.locator(".state[data-state=live]").waitFor();
      for (let i = 0; i < 6; i++) await rig().post("empty", `{"level":30,"msg":"request ${i}"}`);
      await line(page, "request 5").waitFor();
      await button(page, "Show as conversation").waitFor();
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "shows colours, levels, records that unfold, and times on demand",
    async () => {
      const page = await joinLog(rig(), [
        "␛[1m␛[32mok␛[0m then ␛[38;5;208morange␛[0m",
        '{"level":50,"time":1,"msg":"it failed","err":{"code":12345678901234567890,"at":["a","b"]}}',
        "Nov 26 10:43:15 web nginx[1]: WARN low on memory https://example.org/x",
      ]);
      expect(await page.locator(".line .c2.bold").textContent()).toBe("ok");
      const orange = await page.evaluate(
        "getComputedStyle(document.querySelector('.line span[style]')).color",
      );
      // Darker, so that it can be read.
      expect(orange).not.toBe("rgb(255, 135, 0)");
      expect(await line(page, "WARN low").getAttribute("data-level")).toBe("warn");
      expect(await line(page, "WARN low").getByRole("link").getAttribute("href")).toBe(
        "https://example.org/x",
      );

      const record = line(page, "it failed");
      expect(await record.getAttribute("data-level")).toBe("error");
      expect(await record.locator(".line-text").textContent()).toBe(
        'ERROR it failed err={"code":12345678901234567890,"at":["a","b"]}',
      );
      await record.getByRole("button", { name: "Fields" }).click();
      expect(await record.locator(".json > .json-inside > div").allTextContents()).toEqual([
        "level: 50",
        "time: 1",
        "msg: it failed",
        "err: {code: 12345678901234567890at: [ab]}",
      ]);
      await record.getByRole("button", { name: "Fields" }).click();
      await record.locator(".json").waitFor({ state: "detached" });

      await rig().post("app", "INFO from a program with a name", "web-1");
      expect(await line(page, "with a name").locator(".person-name").textContent()).toBe("web-1");

      expect(await record.locator("time").isVisible()).toBe(false);
      await button(page, "Show times").click();
      expect(await record.locator("time").textContent()).toMatch(/^\d\d:\d\d:\d\d$/);
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "filters while one types, over all that is kept",
    async () => {
      const page = await joinLog(rig(), fullLog(300));
      await filter(page).focus();
      await page.keyboard.type("number 7 -took");
      await page.locator(".logs-hits").getByText("0/300").waitFor();
      await page.getByText("No line matches this filter.").waitFor();
      await button(page, "Clear filter").click();
      await filter(page).fill("number 299");
      await page.locator(".logs-hits").getByText("1/300").waitFor();
      await line(page, "number 299").waitFor();
      await shownLines(page, 1);
      // What comes is filtered, too.
      await rig().post("app", "INFO something else");
      await rig().post("app", "INFO NUMBER 299 again");
      await page.locator(".logs-hits").getByText("2/302").waitFor();
      await filter(page).press("Escape");
      await line(page, "something else").waitFor();
      expect(await filter(page).inputValue()).toBe("");
      await shownLines(page, 302);
      // The hit that one went to stays in view, with what is around it.
      await filter(page).fill('"number 7 "');
      await shownLines(page, 1);
      await line(page, "number 7 ").click();
      await filter(page).press("Escape");
      await page.locator(".line:focus").getByText("number 7 ").waitFor();
      await shownLines(page, 302);
      expect(await line(page, "number 9 took").isVisible()).toBe(true);
      await button(page, "Jump to latest").waitFor();
    },
    TIMEOUT,
  );

  test(
    "pauses, says how many lines came, and resumes with all of them",
    async () => {
      const page = await joinLog(rig(), ["INFO one", "INFO two"]);
      await button(page, "Pause").click();
      await rig().post("app", "INFO three");
      await rig().post("app", "INFO four");
      await button(page, "Resume, 2 new lines").waitFor();
      expect(await lines(page).getByText("three").count()).toBe(0);
      await button(page, "Resume").click();
      await line(page, "INFO four").waitFor();
      expect(await lines(page).getByText("three").count()).toBe(1);
      await button(page, "Pause").waitFor();
    },
    TIMEOUT,
  );

  test(
    "copies and saves what came, not what is shown",
    async () => {
      const texts = ["INFO ␛[31mred␛[0m", '{"level":30,"msg":"record"}', "INFO last"];
      const page = await joinLog(rig(), texts);
      const { origin } = rig().server.url;
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
      const copied = (): Promise<string> => page.evaluate<string>("navigator.clipboard.readText()");

      await line(page, "record").hover();
      await line(page, "record").getByRole("button", { name: "Copy" }).click();
      await line(page, "record").getByRole("button", { name: "Copied" }).waitFor();
      expect(await copied()).toBe('{"level":30,"msg":"record"}');

      await button(page, "Copy these lines").click();
      // Not by what the page says of it, which goes away.
      while ((await copied()).split("\n").length !== 8)
        await page.evaluate("new Promise(requestAnimationFrame)");
      expect((await copied()).split("\n").slice(-3)).toEqual(texts);

      await page.evaluate(`(() => {
        const rows = [...document.querySelectorAll(".line")].slice(-3);
        getSelection().setBaseAndExtent(rows[0].querySelector(".line-text"), 0, rows[1].querySelector(".line-text"), 1);
        document.execCommand("copy");
      })()`);
      expect(await copied()).toBe(texts.slice(0, 2).join("\n"));

      await filter(page).fill("red");
      await page.locator(".logs-hits").getByText("1/8").waitFor();
      const saving = page.waitForEvent("download");
      await button(page, "Save these lines as a file").click();
      const file = await saving;
      expect(file.suggestedFilename()).toMatch(/^app-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.txt$/);
      expect(await Bun.file((await file.path()) ?? "").text()).toBe("INFO ␛[31mred␛[0m\n");
    },
    TIMEOUT,
  );

  test(
    "shows the user's own lines, gaps and the end as talk does",
    async () => {
      const page = await joinLog(rig(), ["INFO one"]);
      await say(page, "a note of mine");
      await line(page, "a note of mine").waitFor();
      const { port } = rig().server;
      await rig().server.stop();
      await page.locator(".state[data-state=reconnecting]").waitFor();
      await say(page, "while it is away");
      await page.locator(".line.pending").getByText("while it is away").waitFor();
      await page.locator(".line.pending .delivery").waitFor();
      await rig().startEmptyServer(port);
      await log(page).getByText("Some messages are missing.").waitFor();
      await page.locator(".line:not(.pending)").getByText("while it is away").waitFor();
    },
    TIMEOUT,
  );

  test(
    "works by keyboard: lines, records, filter, pause",
    async () => {
      const page = await joinLog(rig(), ['{"level":30,"msg":"record"}', "INFO last"]);
      const focused = (): Promise<string> =>
        page.evaluate<string>("document.activeElement.querySelector('.line-text').textContent");
      await draft(page).focus();
      await page.keyboard.press("Shift+Tab");
      await page.keyboard.press("ArrowUp");
      expect(await focused()).toBe("INFO last");
      await page.keyboard.press("ArrowUp");
      // Enter goes to what can be done with the line.
      await page.keyboard.press("Enter");
      await page.keyboard.press("Enter");
      await line(page, "record").locator(".json").waitFor();
      await page.keyboard.press("Escape");
      await page.keyboard.press("Escape");
      await page.keyboard.press("p");
      await button(page, "Resume").waitFor();
      await page.keyboard.press("f");
      await page.keyboard.type("last");
      await page.locator(".logs-hits").getByText("1/7").waitFor();
      await page.keyboard.press("Escape");
      expect(await page.evaluate<string>("document.activeElement.getAttribute('role')")).toBe("log");
    },
    TIMEOUT,
  );

  test(
    "hostile colours and JSON do nothing",
    async () => {
      const hostile = [
        `␛]0;${"title ".repeat(100)}`,
        `␛[${"9;".repeat(500)}mx`,
        "␛[2J␛[1;1H␛[?1049h␛]8;;javascript:alert(1)␛\\click␛]8;;␛\\",
        `{"a":${"[".repeat(500)}${"]".repeat(500)}}`,
        '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"level":"info","msg":"proto"}',
        '{"level":"info","level":"fatal","msg":"<img src=x onerror=alert(1)>","n":1e99999}',
        '{"msg":"\\u001b]0;title\\u0007\\u001b[31mred\\u001b[0m","level":1e5}',
        "INFO <script>alert(1)</script> \u202Ereversed",
      ];
      for (const text of hostile) await rig().post("app", text);
      const page = await rig().join("app");
      await button(page, "Show as log").click();
      await line(page, "alert(1)").first().waitFor();
      for (const fold of await page.locator(".fold").all()) await fold.click();
      const shown = await page.locator(".line-text").allTextContents();
      expect(shown.slice(-8, -5)).toEqual([`␛]0;${"title ".repeat(100)}`, "x", "click"]);
      expect(await page.locator(".line-text :is(img, script, a)").count()).toBe(0);
      expect(await page.locator(".line .c1").textContent()).toBe("red");
      expect(await page.evaluate<boolean>("'polluted' in {}")).toBe(false);
      expect(await page.title()).toBe("app · Malten");
      expect(rig().browserLog).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "shows everything that a fast stream gets, while a filter is typed",
    async () => {
      const page = await joinLog(rig(), []);
      const sending = (async () => {
        for (const text of fullLog(150)) await rig().post("app", text);
      })();
      await filter(page).focus();
      for (let i = 0; i < 3; i++) {
        await page.keyboard.type("error -health number");
        await page.keyboard.press("Escape");
        await page.keyboard.press("f");
      }
      await sending;
      await shownLines(page, 155);
      const shown = await lines(page).allTextContents();
      const numbers = shown.flatMap((text) => /number (\d+)/.exec(text)?.[1] ?? []);
      expect(numbers).toEqual(Array.from({ length: 150 }, (_, i) => String(i)));
    },
    TIMEOUT,
  );

  test(
    "stays at its end when a long draft is replaced by a longer one, and the log fits without either",
    async () => {
      const page = await joinLog(rig(), Array<string>(12).fill("INFO request"));
      await draft(page).fill("draft\n".repeat(6));
      const positions = await page.evaluate<number[]>(`new Promise((done) => {
        const log = document.querySelector("[role=log]");
        const field = document.querySelector("#draft");
        const set = (text) => {
          field.value = text;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          return log.scrollTop;
        };
        const afterFrame = (action) => requestAnimationFrame(() => requestAnimationFrame(action));
        afterFrame(() => {
          const positions = [log.scrollTop, set(""), set("draft\\n".repeat(9))];
          // Before the log is told that its window has another size.
          log.dispatchEvent(new Event("scroll"));
          afterFrame(() => done(positions));
        });
      })`);
      expect(positions[0]).toBeGreaterThan(0);
      expect(positions.slice(1)).toEqual([0, 0]);
      expect(await button(page, "Jump to latest").count()).toBe(0);
      expect(await page.evaluate<number>(BELOW)).toBeLessThan(1);
    },
    TIMEOUT,
  );

  test(
    "announces few lines, and of many their number",
    async () => {
      const page = await joinLog(rig(), []);
      await page.clock.install();
      await page.reload();
      await line(page, "first 4").waitFor();
      await page.locator(".state[data-state=live]").waitFor();
      expect(await log(page).getAttribute("aria-live")).toBe("off");
      const said = page.locator(".logs > .unseen[role=status]");
      await rig().post("app", "INFO ␛[31mcoloured␛[0m");
      await page.clock.runFor(100);
      await line(page, "coloured").waitFor();
      await page.clock.runFor(4000);
      expect(await said.textContent()).toBe("INFO coloured");
      for (let i = 0; i < 5; i++) await rig().post("app", `INFO more ${i}`);
      while ((await line(page, "more 4").count()) === 0) await page.clock.runFor(50);
      await page.clock.runFor(4000);
      expect(await said.textContent()).toBe("5 new lines");
      await filter(page).fill("more");
      await page.clock.runFor(1000);
      expect(await said.textContent()).toBe("5 of 11 lines");
    },
    TIMEOUT,
  );
});
