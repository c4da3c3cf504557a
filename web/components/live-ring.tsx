import type { JSX } from "preact";
import { useApp, useLanguage } from "./context.ts";
import { Logo } from "./logo.tsx";

/** How many public streams there are, in a ring that drains and is full again whenever someone writes to one of them. Decoration: the list says the same. */
export function LiveRing(): JSX.Element {
  const { explorer } = useApp();
  const language = useLanguage();
  const streams = explorer.streams.value;
  const newest = Math.max(0, ...streams.map(({ updated }) => updated.getTime()));
  const count = language.number(streams.length) + (explorer.more.value ? "+" : "");
  return (
    <p class="live-ring" aria-hidden="true">
      <Logo since={newest === 0 ? undefined : newest} />
      {newest > 0 && (
        <span>
          <b>{count}</b>
          {language.t("liveCount", { count: streams.length })}
        </span>
      )}
    </p>
  );
}
