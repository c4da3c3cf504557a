import type { JSX } from "preact";
import { useApp } from "../components/context.ts";
import { Icon } from "../components/icon.tsx";
import type { OpenStream } from "./open-stream.tsx";
import { texts } from "./texts.ts";

/** Characters of the stream's name that are shown, to tell apart the streams of one tab. */
const SHOWN_NAME = 7;

interface OpenProps {
  readonly open: OpenStream;
}

/** The title of an encrypted stream, whose name says nothing. */
export function Title({ open }: OpenProps): JSX.Element {
  return (
    <>
      {texts().t("encrypted")} <small dir="ltr">{open.stream.name.slice(0, SHOWN_NAME)}</small>
    </>
  );
}

/** A lock that explains itself. */
export function Lock({ open }: OpenProps): JSX.Element {
  const { router } = useApp();
  const isWarned = open.isWarned.value;
  const label = texts().t(isWarned ? "lockWarned" : "lock");
  return (
    <button
      class="icon-button lock"
      data-warned={isWarned}
      aria-label={label}
      title={label}
      onClick={() => router.open("lock")}
    >
      <Icon name="lock" />
    </button>
  );
}
