import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { IconButton } from "../components/icon-button.tsx";
import { Icon } from "../components/icon.tsx";
import type { Entry, MessageEntry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { copyText } from "../text/copy.ts";
import { fileName, fileText, plainText, saveFile } from "./export.ts";
import { isHit, type LogLines } from "./log-lines.ts";
import { selectedMessages } from "./selection.ts";
import { texts } from "./texts.ts";

interface LogsBarProps {
  readonly session: StreamSession;
  readonly lines: LogLines;
  readonly filterField: RefObject<HTMLInputElement | null>;
  readonly scroller: { readonly current: HTMLElement | null };
  readonly onResume: () => void;
}

/** The filter of a log, and what can be done with all of its lines. */
export function LogsBar({ session, lines, filterField, scroller, onResume }: LogsBarProps): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing || (event.key !== "Escape" && event.key !== "Enter")) return;
    event.preventDefault();
    if (event.key === "Escape") lines.query.value = "";
    scroller.current?.focus();
  };
  const copy = (): void => {
    const log = scroller.current;
    const selected = log === null ? [] : selectedMessages(log, lines.messages.peek());
    const copied = selected.length > 0 ? selected : lines.hits();
    void copyText(plainText(copied)).then((isDone) => {
      if (isDone) app.say(texts().t("linesCopied", { count: copied.length }));
    });
  };
  const save = (): void => {
    const filter = lines.filter.peek();
    const shown = {
      entries: lines.entries.peek(),
      times: lines.times.peek(),
      isHit: (entry: MessageEntry) => isHit(entry, filter),
    };
    saveFile(fileName(session.parts?.title ?? session.name, new Date()), fileText(shown, language));
  };
  return (
    <div class="logs-bar">
      <input
        type="search"
        ref={filterField}
        class="logs-filter"
        // Otherwise browsers keep what was typed on disk.
        autocomplete="off"
        spellcheck={false}
        aria-label={texts().t("filter")}
        aria-keyshortcuts="f"
        title={texts().t("filterHint")}
        placeholder={texts().t(app.wide.value ? "filterHint" : "filter")}
        value={lines.query.value}
        onFocus={() => void loadAll(session)}
        onInput={(event) => {
          lines.query.value = event.currentTarget.value;
        }}
        onKeyDown={onKeyDown}
      />
      <Hits lines={lines} />
      <PauseButton lines={lines} onResume={onResume} />
      <IconButton
        icon="clock"
        label={texts().t("times")}
        pressed={lines.times.value}
        onClick={() => {
          lines.times.value = !lines.times.peek();
        }}
      />
      <IconButton icon="copy" label={texts().t("copyAll")} onClick={copy} />
      <IconButton icon="save" label={texts().t("save")} onClick={save} />
    </div>
  );
}

/** Loads what the stream keeps: a filter looks at everything. */
async function loadAll(session: StreamSession): Promise<void> {
  let before: Entry | undefined;
  // Stops when nothing was added: loading failed, or is under way already.
  while (session.older.peek() === "some" && before !== session.log.entries.peek()[0]) {
    before = session.log.entries.peek()[0];
    await session.loadOlder();
  }
}

/** How many lines pass the filter. For the eye: it may change many times a second. */
function Hits({ lines }: { readonly lines: LogLines }): JSX.Element | null {
  const language = useLanguage();
  if (!lines.isFiltered.value) return null;
  return (
    <span class="logs-hits" aria-hidden="true">
      {language.number(lines.hitCount.value)}
      <span class="logs-total">/{language.number(lines.messages.value.length)}</span>
    </span>
  );
}

interface PauseButtonProps {
  readonly lines: LogLines;
  readonly onResume: () => void;
}

function PauseButton({ lines, onResume }: PauseButtonProps): JSX.Element {
  const language = useLanguage();
  const isPaused = lines.frozen.value !== undefined;
  const came = lines.came.value;
  const label = texts().t(isPaused ? "resume" : "pause");
  return (
    <button
      type="button"
      class="icon-button logs-pause"
      aria-pressed={isPaused}
      data-count={isPaused && came > 0}
      aria-keyshortcuts="p"
      aria-label={isPaused && came > 0 ? `${label}, ${texts().t("came", { count: came })}` : label}
      title={`${label} (p)`}
      onClick={() => {
        if (isPaused) onResume();
        else lines.togglePause();
      }}
    >
      <Icon name={isPaused ? "play" : "pause"} />
      {isPaused && came > 0 && <span aria-hidden="true">+{language.number(came)}</span>}
    </button>
  );
}
