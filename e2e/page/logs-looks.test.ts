// How the view of logs looks in its states: screenshots for people, accessibility checks by axe.
import { expect, test } from "bun:test";
import { openLink, TestStream } from "./encrypted.ts";
import { filter, joinLog, line, shownLines } from "./logs.ts";
import { look } from "./look.ts";
import { pageSuite, TIMEOUT } from "./suite.ts";
import { button, log, say } from "./window.ts";

/** All named colours of terminals, in text and behind it. */
const COLOURS = Array.from(
  { length: 8 },
  (_, i) => `␛[3${i}mcolour␛[0m ␛[9${i}mbright␛[0m ␛[4${i}m ground ␛[0m ␛[3${i};7m inverse ␛[0m`,
).join(" ");

/** What programs write. */
const MIXED = [
  "␛[1m␛[32m   Compiling␛[0m serde v1.0.219",
  "␛[1m␛[33mwarning␛[0m␛[1m: unused variable: `x`␛[0m",
  '{"level":20,"time":1795363701900,"pid":17,"msg":"cache miss","key":"user:42"}',
  '{"level":30,"time":1795363701902,"pid":17,"hostname":"web-1","req":{"method":"GET","url":"/orders?page=2"},"msg":"incoming request"}',
  '{"level":40,"time":1795363701944,"pid":17,"msg":"slow query","took":1200.50,"sql":"select * from orders"}',
  '{"level":50,"time":1795363702000,"pid":17,"err":{"type":"Error","message":"boom","stack":["a.ts:1","b.ts:2"]},"msg":"failed"}',
  '203.0.113.9 - - [26/Nov/2026:10:43:20 +0000] "GET /api/orders?page=2 HTTP/1.1" 502 166 "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"',
  "10:43:16.010 [http-1] ERROR c.e.Handler - Unhandled\njava.lang.IllegalStateException: nothing here\n\tat com.example.Handler.handle(Handler.java:42)",
  'level=debug ts=2026-11-26T10:43:16Z msg="cache miss" key=user:42',
  "␛[41m FAIL ␛[0m src/a.test.ts ␛[38;5;208morange␛[0m ␛[38;2;255;255;0myellow␛[0m ␛[48;2;255;255;0myellow␛[0m ␛[2mdim␛[0m ␛[4munderlined␛[0m ␛[3mitalic␛[0m",
  COLOURS,
  "2026-11-26T10:43:17.120Z TRACE see https://example.org/docs and \u202Eoverridden",
  "2026-11-26T10:43:17.120Z INFO مرحبا بالعالم ok",
];

pageSuite("looks: the view of logs", (rig) => {
  test(
    "unfolded, with times, filtered and paused",
    async () => {
      const page = await joinLog(rig(), MIXED);
      await line(page, "boom").getByRole("button", { name: "Fields" }).click();
      await button(page, "Show times").click();
      await look(page, "log");
      await filter(page).fill("request -TRACE");
      await shownLines(page, 1);
      await button(page, "Pause").click();
      await say(page, "INFO request 2");
      await rig().post("app", "INFO request 3");
      await button(page, "Resume, 2 new lines").waitFor();
      await look(page, "log-filtered");
      await filter(page).fill("nothing like it");
      await page.getByText("No line matches this filter.").waitFor();
      await look(page, "log-no-hits");
    },
    TIMEOUT,
  );

  test(
    "from right to left, where lines stay from left to right",
    async () => {
      for (const text of MIXED) await rig().post("app", text);
      const page = await rig().open("/#app", { locale: "ar" });
      await line(page, "boom").waitFor();
      await look(page, "log-arabic");
      const left = await page.evaluate<number[]>(
        `[...document.querySelectorAll(".line-text")].map((text) => Math.round(text.getBoundingClientRect().left - text.parentElement.getBoundingClientRect().left))`,
      );
      // Beside the mark that unfolds a record, or at the same place.
      expect(new Set(left).size).toBe(2);
    },
    TIMEOUT,
  );

  test(
    "of an encrypted stream: with senders and their marks",
    async () => {
      await using sealed = await TestStream.create(rig());
      for (let i = 0; i < 6; i++)
        await sealed.stream.send(`2026-11-26T10:43:1${i}Z INFO request ${i}`, { name: "web-1" });
      const page = await openLink(rig(), sealed.links.writer);
      await line(page, "request 5").waitFor();
      await line(page, "request 0").getByText("web-1").waitFor();
      await say(page, "WARN a note of mine");
      await line(page, "a note of mine").waitFor();
      await look(page, "log-encrypted");
      await log(page).waitFor();
    },
    TIMEOUT,
  );
});
