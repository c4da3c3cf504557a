import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { MaltenError } from "../../src/client/index.ts";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { useApp, useLanguage } from "../components/context.ts";
import { secondsUntil, useNow } from "../components/use-now.ts";
import { problemText } from "../language/problem-text.ts";
import { NEW_KINDS, type NewKind } from "../state/router.ts";
import { randomName } from "../text/random-name.ts";
import { Choice } from "./choice.tsx";
import { Dialog } from "./dialog.tsx";
import { NewName } from "./new-name.tsx";
import { NewTtl, useTtl } from "./new-ttl.tsx";

/** The texts that say who can read a new stream. */
const TEXTS = {
  public: { label: "newPublic", hint: "newPublicHint" },
  private: { label: "newPrivate", hint: "newPrivateHint" },
  encrypted: { label: "newEncrypted", hint: "newEncryptedHint" },
  pipe: { label: "newPipe", hint: "newPipeHint" },
} as const;

/** How often another name is tried if the proposed one is taken. */
const ATTEMPTS = 5;

interface Failure {
  readonly code: string;
  readonly text: string;
}

/** Creates a stream: who can read it, its name and its time-to-live. */
export function NewStreamDialog(): JSX.Element {
  const app = useApp();
  const { malten, user, router } = app;
  const language = useLanguage();
  // Instead of a private stream that has ended.
  const [before] = useState(() => (app.session.peek()?.over.peek() === true ? router.stream : undefined));
  const [kind, setKind] = useState<NewKind>(before === undefined ? router.kind : "private");
  const [proposed, setProposed] = useState(randomName);
  const [name, setName] = useState(proposed);
  const ttl = useTtl(malten);
  const [failure, setFailure] = useState<Failure | undefined>();
  /** When the server allows another attempt, in milliseconds since 1970. */
  const [retryAt, setRetryAt] = useState(0);
  const wait = secondsUntil(retryAt, useNow(retryAt > 0));
  const [creating, setCreating] = useState(false);

  const canCreate = !creating && wait === 0;
  const isChosen = !["", proposed].includes(name.trim());

  const rename = (wanted: string): void => {
    setName(wanted);
    setFailure(undefined);
  };
  const propose = (): string => {
    const another = randomName();
    setProposed(another);
    rename(another);
    return another;
  };

  async function createPlain(): Promise<void> {
    const stream = await (kind === "private"
      ? malten.create({ private: true, ttl: ttl.value })
      : createPublic(name.trim() || propose()));
    if (before !== undefined) user.prependToDraft(stream.name, user.draft(before).peek());
    app.show(stream);
  }

  /** Tries another name if one is taken that was only proposed. */
  async function createPublic(wanted: string, attempts = ATTEMPTS): ReturnType<typeof malten.create> {
    try {
      return await malten.create({ name: wanted, ttl: ttl.value });
    } catch (error) {
      const isTaken = error instanceof MaltenError && error.code === "stream_exists";
      if (!isTaken || isChosen || attempts === 1) throw error;
      return createPublic(propose(), attempts - 1);
    }
  }

  async function createEncrypted(): Promise<void> {
    const encrypted = await app.loadEncrypted();
    await (kind === "pipe" ? encrypted?.createPipe(ttl.value) : encrypted?.create(ttl.value));
  }

  async function create(): Promise<void> {
    if (!canCreate) return;
    // A link is a secret, and a name is sent to the server.
    if (looksLikeLink(name)) {
      router.openLink(name);
      return;
    }
    setCreating(true);
    setFailure(undefined);
    setRetryAt(0);
    try {
      await (kind === "encrypted" || kind === "pipe" ? createEncrypted() : createPlain());
    } catch (error) {
      setCreating(false);
      const code = error instanceof MaltenError ? error.code : "internal";
      const seconds = error instanceof MaltenError ? error.retryAfter : undefined;
      if (seconds !== undefined) setRetryAt(Date.now() + seconds * 1000);
      const reason = error instanceof Error ? error.message : String(error);
      setFailure({ code, text: problemText(language, code, reason) });
    }
  }

  const isOfName = failure?.code === "stream_exists" || failure?.code === "bad_name";
  return (
    <Dialog title={language.t("newTitle")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <fieldset class="field">
          <legend>{language.t("newKind")}</legend>
          {NEW_KINDS.map((one) => (
            <Choice
              key={one}
              id={`new-${one}`}
              name="new-kind"
              label={language.t(TEXTS[one].label)}
              hint={language.t(TEXTS[one].hint)}
              checked={one === kind}
              onChoose={() => {
                setKind(one);
                setFailure(undefined);
              }}
            />
          ))}
        </fieldset>
        {kind === "public" && (
          <NewName
            name={name}
            problem={isOfName ? failure.text : undefined}
            isTaken={failure?.code === "stream_exists"}
            onInput={rename}
            onPropose={propose}
          />
        )}
        <NewTtl ttl={ttl} />
        {failure !== undefined && !isOfName && (
          <p class="hint warn" role="alert">
            <span aria-hidden={wait > 0}>
              {wait > 0
                ? language.t("retryAfter", { reason: failure.text, duration: language.duration(wait) })
                : failure.text}
            </span>
            {/* Without the countdown, which would be announced every second. */}
            {wait > 0 && <span class="unseen">{failure.text}</span>}
          </p>
        )}
        <footer>
          <button type="button" class="quiet" onClick={() => router.closeDialog()}>
            {language.t("cancel")}
          </button>
          <button class="primary" aria-disabled={!canCreate}>
            {language.t("create")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
