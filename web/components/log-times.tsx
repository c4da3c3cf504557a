import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Talk } from "../state/talk.ts";
import { useLanguage } from "./context.ts";

/** How often the time of the newest message is written anew, in milliseconds. */
const THROTTLE = 10_000;

/** The time of the newest message, for those who hear the log: outside of it, so that it is not said with each message. */
export function LogTimes({ talk }: { readonly talk: Talk }): JSX.Element {
  const language = useLanguage();
  const newest = talk.log.newest;
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
    <p class="unseen" id="log-times">
      {time !== undefined && language.say("newestAt", { time: language.moment(time) })}
    </p>
  );
}
