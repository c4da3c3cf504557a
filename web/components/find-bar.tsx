import type { JSX, RefObject, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";
import { clearHighlights, findRanges, highlight, isSamePlace, MAX_RANGES, showRange } from "./find-ranges.ts";
import { IconButton } from "./icon-button.tsx";

export interface FindProps {
  readonly session: StreamSession;
  /** The element around the messages. */
  readonly scroller: RefObject<HTMLElement | null>;
}

/** Searches the messages, all that are kept: older ones are loaded for it. */
export function FindBar({ session, scroller }: FindProps): JSX.Element {
  const language = useLanguage();
  const field = useRef<HTMLInputElement>(null);
  const [words, setWords] = useState("");
  const [ranges, setRanges] = useState<readonly Range[]>([]);
  const [current, setCurrent] = useState<Range | undefined>();
  const entries = session.log.entries.value;
  const older = session.older.value;
  const isLoading = words.trim() !== "" && (older === "some" || older === "loading");

  useEffect(() => {
    field.current?.focus();
    return clearHighlights;
  }, []);

  useEffect(() => {
    if (words.trim() !== "" && older === "some") void session.loadOlder();
  }, [words, older, session]);

  // Before anything is drawn: it would say for a moment that there are none.
  useLayoutEffect(() => {
    const found = scroller.current === null ? [] : findRanges(scroller.current, words.trim());
    const kept = found.find((range) => current !== undefined && isSamePlace(range, current));
    setRanges(found);
    // The newest first: it is the nearest.
    setCurrent(kept ?? found.at(-1));
  }, [words, entries, scroller]);

  useEffect(() => highlight(ranges, current), [ranges, current]);

  useEffect(() => {
    if (current !== undefined) showRange(current);
  }, [words, current?.startContainer, current?.startOffset]);

  const index = current === undefined ? -1 : ranges.indexOf(current);
  const move = (by: number): void => {
    if (ranges.length > 0) setCurrent(ranges.at((index + by) % ranges.length));
  };
  const close = (): void => {
    session.finding.value = false;
    scroller.current?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") move(event.shiftKey ? -1 : 1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "ArrowDown") move(1);
    else return;
    event.preventDefault();
  };

  const onEscape = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.isComposing || event.key !== "Escape") return;
    close();
    event.preventDefault();
  };

  const count = ranges.length;
  const most = count < MAX_RANGES ? count : `${language.number(MAX_RANGES)}+`;
  const result =
    count > 0 ? language.t("findCount", { index: index + 1, count: most }) : language.t("findNone");
  return (
    <search class="find" onKeyDown={onEscape}>
      <div class="find-row">
        <input
          ref={field}
          type="search"
          aria-label={language.t("find")}
          placeholder={language.t("find")}
          value={words}
          autocomplete="off"
          dir="auto"
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <span class="find-count" role="status">
          {words.trim() !== "" && (isLoading && count === 0 ? language.t("loading") : result)}
        </span>
        <IconButton icon="up" label={language.t("findPrevious")} onClick={() => move(-1)} />
        <IconButton icon="down" label={language.t("findNext")} onClick={() => move(1)} />
        <IconButton icon="close" label={language.t("close")} onClick={close} />
      </div>
    </search>
  );
}
