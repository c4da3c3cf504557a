import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Announcement } from "../components/announcement.tsx";
import { QrCode } from "../dialogs/qr-code.tsx";
import type { OpenPipe } from "./open-pipe.ts";
import { texts } from "./texts.ts";

interface PipeProps {
  readonly pipe: OpenPipe;
}

/** The words to compare, until the user has compared them. */
export function PipeWords({ pipe }: PipeProps): JSX.Element | null {
  const isRekeyed = pipe.isRekeyed.value;
  if (pipe.isVerified.value) return null;
  return (
    <section class="notice words-notice" data-again={isRekeyed} aria-labelledby="words-title">
      <h2 id="words-title">{texts().t(isRekeyed ? "wordsTitleAgain" : "wordsTitle")}</h2>
      {isRekeyed ? (
        <p role="alert">{texts().t("wordsHintAgain")}</p>
      ) : (
        <Announcement text={texts().t("wordsTitle")} />
      )}
      <p>{texts().t("wordsHint")}</p>
      <WordList pipe={pipe} />
      <p class="notice-actions">
        <button class="quiet" onClick={() => pipe.differ()}>
          {texts().t("wordsDiffer")}
        </button>
        <button class="primary" onClick={() => pipe.verify()}>
          {texts().t("wordsMatch")}
        </button>
      </p>
    </section>
  );
}

/** The words, numbered by their order, and as a QR code. */
export function WordList({ pipe }: PipeProps): JSX.Element {
  const [isCoded, setCoded] = useState(false);
  return (
    <>
      <ol class="words" dir="ltr" lang="en">
        {pipe.words.value.map((word, i) => (
          <li key={i}>{word}</li>
        ))}
      </ol>
      <details onToggle={(event) => setCoded(event.currentTarget.open)}>
        <summary>{texts().t("wordsQr")}</summary>
        {isCoded && <QrCode text={pipe.words.value.join(" ")} label={texts().t("wordsQr")} />}
      </details>
    </>
  );
}
