import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { StreamSession } from "../state/stream-session.ts";
import { useLanguage } from "./context.ts";

/** How often the time is updated, in milliseconds. */
const THROTTLE = 10_000;

/** The time of the newest message, for screen readers. Outside the live region, so that it is not announced with each message. */
export function NewestTime({ session }: { readonly session: StreamSession }): JSX.Element {
  const language = useLanguage();
  const newest = session.log.newest;
  const [time, setTime] = useState<Date | undefined>();
  useEffect(() => {
    const read = (): void => {
      const entry = newest.peek();
      if (entry?.kind === "message") setTime(entry.time);
    };
    read();
    const timer = setInterval(read, THROTTLE);
    return () => clearInterval(timer);
  }, [newest]);
  return (
    <p class="unseen" id="newest-time">
      {time !== undefined && language.t("newestAt", { time: language.dateTime(time) })}
    </p>
  );
}
