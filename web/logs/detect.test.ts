import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { looksLikeLog, type Sample } from "./detect.ts";
import { SAMPLES } from "./samples.ts";

const START = 1_795_363_701_902;

/** Messages with these texts, `interval` milliseconds apart. */
function samples(texts: readonly string[], interval = 1000, more: Partial<Sample> = {}): Sample[] {
  return texts.map((text, i) => ({ text, own: false, time: new Date(START + i * interval), ...more }));
}

const LOGS: Readonly<Record<string, string>> = {
  "nginx access": `
203.0.113.9 - - [26/Nov/2026:10:43:15 +0000] "GET / HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_64)"
203.0.113.9 - - [26/Nov/2026:10:43:15 +0000] "GET /style.css HTTP/1.1" 304 0 "-" "Mozilla/5.0"
198.51.100.4 - alice [26/Nov/2026:10:43:17 +0000] "POST /api/login HTTP/2.0" 401 93 "-" "curl/8.5.0"
2001:db8::1 - - [26/Nov/2026:10:43:18 +0000] "GET /favicon.ico HTTP/1.1" 404 146 "-" "-"
203.0.113.9 - - [26/Nov/2026:10:43:20 +0000] "GET /api/orders?page=2 HTTP/1.1" 502 166 "-" "-"`,
  "nginx error": `
2026/11/26 10:43:15 [notice] 1#1: using the "epoll" event method
2026/11/26 10:43:15 [notice] 1#1: nginx/1.29.1
2026/11/26 10:43:15 [notice] 1#1: start worker processes
2026/11/26 10:43:19 [error] 29#29: *3 open() "/usr/share/nginx/html/x" failed (2: No such file or directory)
2026/11/26 10:43:20 [warn] 29#29: *4 an upstream response is buffered to a temporary file`,
  journald: `
Nov 26 10:43:15 web-1 systemd[1]: Started Session 4 of User root.
Nov 26 10:43:15 web-1 sshd[812]: Accepted publickey for deploy from 192.0.2.7 port 52110 ssh2
Nov 26 10:43:16 web-1 kernel: eth0: link becomes ready
Nov 26 10:43:18 web-1 CRON[901]: pam_unix(cron:session): session opened for user root(uid=0)
Nov 26 10:43:20 web-1 malten[77]: listening on 127.0.0.1:9090`,
  logfmt: `
ts=2026-11-26T10:43:15.123Z caller=main.go:91 level=info msg="Starting Prometheus" version=3.1.0
ts=2026-11-26T10:43:15.130Z caller=web.go:29 level=info component=web msg="Start listening" address=0.0.0.0:9090
level=warn ts=2026-11-26T10:43:16Z msg="slow query" took=1.2s
at=info method=GET path="/" host=example.org dyno=web.1 connect=1ms service=18ms status=200
level=error ts=2026-11-26T10:43:19Z err="context deadline exceeded"`,
  "pino JSON": `
{"level":30,"time":1795363701902,"pid":17,"hostname":"web-1","msg":"listening"}
{"level":30,"time":1795363701930,"pid":17,"hostname":"web-1","reqId":"a1","req":{"method":"GET","url":"/"},"msg":"incoming request"}
{"level":40,"time":1795363701944,"pid":17,"hostname":"web-1","msg":"slow"}
{"level":50,"time":1795363702000,"pid":17,"hostname":"web-1","err":{"type":"Error","message":"boom"},"msg":"failed"}
{"level":30,"time":1795363702002,"pid":17,"hostname":"web-1","msg":"request completed"}`,
  "Python logging": `
2026-11-26 10:43:15,123 INFO app.main: starting
2026-11-26 10:43:15,140 DEBUG app.db: connected to postgres://localhost/app
2026-11-26 10:43:16,001 ERROR app.main: request failed
Traceback (most recent call last):
  File "/app/main.py", line 12, in handle
    raise ValueError("no")
2026-11-26 10:43:17,000 WARNING app.main: retrying
2026-11-26 10:43:18,000 INFO app.main: done`,
  "Java with a stack": `
10:43:15.123 [main] INFO  com.example.App - Starting App
10:43:15.500 [main] INFO  com.example.App - Started App in 1.2 seconds
10:43:16.010 [http-1] ERROR c.e.Handler - Unhandled
java.lang.IllegalStateException: nothing here
	at com.example.Handler.handle(Handler.java:42)
	at com.example.App.main(App.java:7)
10:43:17.000 [http-1] INFO  c.e.Handler - recovered
10:43:18.000 [http-1] INFO  c.e.Handler - next
10:43:18.100 [http-1] DEBUG c.e.Handler - closed`,
  klog: `
I1126 10:43:15.123456       1 main.go:54] starting controller
I1126 10:43:15.130000       1 leaderelection.go:250] attempting to acquire leader lease
W1126 10:43:16.000000       1 reflector.go:547] failed to list *v1.Pod
E1126 10:43:16.100000       1 reflector.go:150] Unhandled Error
I1126 10:43:20.000000       1 main.go:80] ready`,
  "coloured cargo": `
␛[1m␛[32m   Compiling␛[0m serde v1.0.219
␛[1m␛[32m   Compiling␛[0m malten v0.1.0 (/src)
␛[1m␛[33mwarning␛[0m␛[1m: unused variable: \`x\`␛[0m
␛[1m␛[32m    Finished␛[0m \`dev\` profile in 3.21s
␛[1m␛[32m     Running␛[0m \`target/debug/malten\``,
  "test output": `
=== RUN   TestPublish
--- PASS: TestPublish (0.02s)
=== RUN   TestExpire
    expire_test.go:31: got 2, want 1
--- FAIL: TestExpire (0.40s)
FAIL github.com/example/malten 0.431s`,
  TAP: `
ok 1 - starts
ok 2 - stops
not ok 3 - restarts
ok 4 - listens # 12ms
ok 5 - ends`,
  "Docker with levels": `
INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.
INFO  [alembic.runtime.migration] Will assume transactional DDL.
INFO: Started server process [1]
INFO: Waiting for application startup.
INFO: 127.0.0.1:51234 - "GET / HTTP/1.1" 200 OK`,
  Redis: `
1:C 26 Nov 2026 10:43:15.123 * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo
1:M 26 Nov 2026 10:43:15.130 * Running mode=standalone, port=6379.
1:M 26 Nov 2026 10:43:15.131 # Server initialized
1:M 26 Nov 2026 10:43:15.131 * Ready to accept connections tcp
1:M 26 Nov 2026 10:44:15.131 * 1 changes in 3600 seconds. Saving...`,
};

const CHATS: Readonly<Record<string, string>> = {
  English: `
hey, anyone up for lunch?
12:30 at the usual place?
ok
I have a meeting until 12:45 :(
no worries, see you there
[laughs]
lol
so: pizza or ramen? vote!
ERROR 404, appetite not found 😂`,
  German: `
Moin! Um 10:30 Uhr Treffen?
Info: das Meeting ist heute im 3. Stock.
Achtung: Fehler im Dokument, bitte nicht drucken!
26.11.2026 passt mir
Gruß an alle, bis 18:00
Ja = nein, nein = ja 😉
Debuggen wir das morgen?`,
  Spanish: `
¿Quedamos a las 10:43?
Sí, perfecto
Aviso: llego tarde
2026-11-27 es festivo, ¿no?
Error mío, es el 28
jajaja`,
  French: `
On se retrouve à 10h30 ?
Attention : la salle a changé
[Marie] dit qu’elle arrive
26/11/2026, c’est noté
Merci !
À tout à l’heure : 12:15`,
  Arabic: `
مرحبا، كيف الحال؟
الاجتماع الساعة 10:30
تنبيه: تغيّر المكان
شكرا جزيلا
2026/11/26 مناسب لي
إلى اللقاء`,
  Chinese: `
大家好！
10:30 开会吗？
注意：地点改了
好的
2026-11-26 可以
[微笑]
错误 404，哈哈`,
  Japanese: `
こんにちは
10:43に始めます
了解です
エラーが出ました：どうしましょう
ありがとう！`,
  "people who write code": `
can you look at src/main.ts:12?
it says ERROR: connect ECONNREFUSED 127.0.0.1:5432
did you set DATABASE_URL=postgres://localhost/app ?
yes, and level=debug
try \`npm run dev -- --verbose\`
{"ok":true,"rows":3} is what I get
GET /health returns 200
[WARN] is not an error btw
2026-11-26T10:43:15Z in the log, that's UTC
hm, "not ok" then`,
  "people who paste a log once": `
it crashed again, look:
2026-11-26 10:43:15,123 ERROR app.main: request failed\\nTraceback (most recent call last):\\n  File "x.py"
10:43:15.123 [main] ERROR com.example - and this
oh
probably the db
restarting it now
2026-11-26 10:44:00,000 INFO app.main: starting
better`,
  "short answers": `
ok
ok 2
not ok
PASS
FAIL
yes
no`,
};

function lines(block: string): string[] {
  return block
    .trim()
    .split("\n")
    .map((line) => line.replaceAll("\\n", "\n"));
}

describe("logs", () => {
  for (const [name, block] of Object.entries(LOGS))
    test(name, () => expect(looksLikeLog(samples(lines(block)))).toBe(true));

  test("lines without any mark that come faster than people write", () => {
    const build = Array.from({ length: 30 }, (_, i) => `  CC      drivers/net/file-${i}.o`);
    expect(looksLikeLog(samples(build, 2))).toBe(true);
    expect(looksLikeLog(samples(build, 2, { name: "builder" }))).toBe(true);
  });

  test("only the newest count: a log begins below talk", () => {
    const talk = lines(CHATS["English"] ?? "");
    const log = Array.from({ length: 5 }, () => lines(LOGS["pino JSON"] ?? "")).flat();
    expect(looksLikeLog(samples([...talk, ...log]))).toBe(true);
    expect(looksLikeLog(samples([...talk, ...lines(LOGS["pino JSON"] ?? "")]))).toBe(false);
  });
});

describe("talk", () => {
  for (const [name, block] of Object.entries(CHATS))
    test(name, () => expect(looksLikeLog(samples(lines(block)))).toBe(false));

  test("of a crowd, however fast", () => {
    const crowd = Array.from(
      { length: 60 },
      (_, i) => ["yes!!", "go go go", "❤️", "لا", "さすが"][i % 5] ?? "",
    );
    expect(looksLikeLog(samples(crowd, 1))).toBe(false);
    const technical = Array.from({ length: 60 }, (_, i) => `see src/${i}.ts`);
    expect(looksLikeLog(samples(technical, 2000))).toBe(false);
    const several = samples(technical, 2).map((one, i) => ({ ...one, name: i % 2 === 0 ? "Ann" : "Bo" }));
    expect(looksLikeLog(several)).toBe(false);
  });

  test("a long text that was sent in pieces", () => {
    expect(
      looksLikeLog(
        samples(
          Array.from({ length: 30 }, () => "word/word ".repeat(100)),
          1,
        ),
      ),
    ).toBe(false);
  });

  test("where this user writes, whatever the others write", () => {
    const log = samples(lines(LOGS["pino JSON"] ?? ""));
    const mine = { text: "is it up?", own: true, time: new Date(START) };
    expect(looksLikeLog([...log.slice(0, 4), mine, ...log])).toBe(false);
  });

  test("too few lines to tell", () => {
    expect(looksLikeLog(samples(lines(LOGS["pino JSON"] ?? "").slice(0, 4)))).toBe(false);
    expect(looksLikeLog([])).toBe(false);
  });
});

test("property: a few lines of a log among twice as many sentences are talk", () => {
  const line = fc.constantFrom(...Object.values(LOGS).flatMap(lines));
  const sentence = fc.constantFrom(
    ...["English", "German", "Spanish", "French", "Arabic", "Chinese"].flatMap((name) =>
      lines(CHATS[name] ?? ""),
    ),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.array(sentence, { minLength: 16, maxLength: 16 }),
      fc.array(fc.nat(), { minLength: SAMPLES, maxLength: SAMPLES }),
      (log, talk, ranks) => {
        const mixed = [...log, ...talk]
          .map((text, i) => ({ text, rank: ranks[i] ?? 0 }))
          .toSorted((a, b) => a.rank - b.rank)
          .map(({ text }) => text);
        expect(looksLikeLog(samples(mixed))).toBe(false);
      },
    ),
  );
});

test("property: any text is read, also a hostile one", () => {
  const unit = fc.constantFrom("[", "{", '"', ":", ",", "=", " ", "a", "1", "\u241b", "\n", "م", "T", "-");
  fc.assert(
    fc.property(fc.array(fc.string({ unit, maxLength: 1024 }), { maxLength: 30 }), (texts) => {
      expect(typeof looksLikeLog(samples(texts))).toBe("boolean");
    }),
  );
});
