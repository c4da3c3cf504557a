import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { MaltenError } from "../../src/client/index.ts";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { useApp, useLanguage } from "../components/context.ts";
import { secondsUntil, useNow } from "../components/use-now.ts";
import { problemText } from "../language/problem-text.ts";
import { DEFAULT_TTL, MAX_TTL } from "../../src/protocol/limits.ts";
import { Choice } from "./choice.tsx";
import { Dialog } from "./dialog.tsx";
import { Field } from "./field.tsx";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The times-to-live to choose from, in seconds, besides the server's default. */
const TTLS = [60, 600, HOUR, 6 * HOUR, DAY, MAX_TTL];

/** Who can read a new stream, and the texts that say so. */
const KINDS = [
  { kind: "public", label: "newPublic", hint: "newPublicHint" },
  { kind: "private", label: "newPrivate", hint: "newPrivateHint" },
  { kind: "encrypted", label: "newEncrypted", hint: "newEncryptedHint" },
  { kind: "pipe", label: "newPipe", hint: "newPipeHint" },
] as const;

type Kind = (typeof KINDS)[number]["kind"];

/** Creates a stream: name, time-to-live, and who can read it. */
export function NewStreamDialog(): JSX.Element {
  const app = useApp();
  const { malten, user, router, explorer } = app;
  const language = useLanguage();
  const [name, setName] = useState("");
  const [ttl, setTtl] = useState(DEFAULT_TTL);
  const [defaultTtl, setDefaultTtl] = useState(DEFAULT_TTL);
  // Instead of a private stream that has ended.
  const [before] = useState(() => (app.session.peek()?.over.peek() === true ? router.stream : undefined));
  const [kind, setKind] = useState<Kind>(before === undefined ? "public" : "private");
  const [problem, setProblem] = useState<string | undefined>();
  /** When the server allows another attempt, in milliseconds since 1970. */
  const [retryAt, setRetryAt] = useState(0);
  const wait = secondsUntil(retryAt, useNow(retryAt > 0));
  const [creating, setCreating] = useState(false);

  useEffect(() => {
    malten.limits().then(
      (limits) => {
        setDefaultTtl(limits.ttl);
        setTtl(limits.ttl);
      },
      () => {},
    );
  }, [malten]);

  async function createPlain(): Promise<void> {
    const trimmed = name.trim();
    const isNamed = kind === "public" && trimmed !== "";
    const stream = await malten.create({
      private: kind === "private",
      ttl,
      ...(isNamed && { name: trimmed }),
    });
    user.addOwned(stream);
    if (before !== undefined) user.prependToDraft(stream.name, user.draft(before).peek());
    explorer.refresh();
    router.go(stream.name);
  }

  async function createEncrypted(): Promise<void> {
    const encrypted = await app.loadEncrypted();
    await (kind === "pipe" ? encrypted?.createPipe(ttl) : encrypted?.create(ttl));
  }

  async function create(): Promise<void> {
    // A link is a secret, and a name is sent to the server.
    if (looksLikeLink(name)) {
      router.openLink(name);
      return;
    }
    setCreating(true);
    setProblem(undefined);
    setRetryAt(0);
    try {
      await (kind === "encrypted" || kind === "pipe" ? createEncrypted() : createPlain());
    } catch (error) {
      setCreating(false);
      const code = error instanceof MaltenError ? error.code : "internal";
      const seconds = error instanceof MaltenError ? error.retryAfter : undefined;
      if (seconds !== undefined) setRetryAt(Date.now() + seconds * 1000);
      setProblem(problemText(language, code, error instanceof Error ? error.message : String(error)));
    }
  }

  const ttls = [...new Set([...TTLS, defaultTtl])].toSorted((a, b) => a - b);
  return (
    <Dialog title={language.t("newTitle")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <Field id="new-name" label={language.t("newName")} hint={language.t("newNameHint")}>
          <input
            id="new-name"
            value={name}
            disabled={kind !== "public"}
            data-first
            dir="ltr"
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            aria-invalid={problem !== undefined && retryAt === 0}
            aria-describedby="new-name-hint"
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field id="new-ttl" label={language.t("newTtl")}>
          <select id="new-ttl" value={ttl} onChange={(event) => setTtl(Number(event.currentTarget.value))}>
            {ttls.map((seconds) => (
              <option key={seconds} value={seconds}>
                {language.duration(seconds)}
              </option>
            ))}
          </select>
        </Field>
        <fieldset class="field">
          <legend>{language.t("newKind")}</legend>
          {KINDS.map((one) => (
            <Choice
              key={one.kind}
              id={`new-${one.kind}`}
              name="new-kind"
              label={language.t(one.label)}
              hint={language.t(one.hint)}
              checked={one.kind === kind}
              onChoose={() => setKind(one.kind)}
            />
          ))}
        </fieldset>
        {problem !== undefined && (
          <p class="hint warn" role="alert">
            <span aria-hidden={wait > 0}>
              {wait > 0
                ? language.t("retryAfter", { reason: problem, duration: language.duration(wait) })
                : problem}
            </span>
            {/* Without the countdown, which would be announced every second. */}
            {wait > 0 && <span class="unseen">{problem}</span>}
          </p>
        )}
        <footer>
          <button type="button" class="quiet" onClick={() => router.closeDialog()}>
            {language.t("cancel")}
          </button>
          <button class="primary" disabled={creating || wait > 0}>
            {language.t("create")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
