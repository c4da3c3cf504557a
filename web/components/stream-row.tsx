import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Listed } from "../../src/client/index.ts";
import { streamTitle } from "../text/stream-title.ts";
import { useApp, useLanguage } from "./context.ts";
import { LifetimeRing } from "./lifetime-ring.tsx";
import { LinkTo } from "./link-to.tsx";

/** A stream in the list: name, number of listeners, time left. */
export function StreamRow({ stream }: { readonly stream: Listed }): JSX.Element {
  const { explorer } = useApp();
  const language = useLanguage();
  const { name, ttl, updated, observers } = stream;
  const newest = updated.getTime();
  const [first] = useState(newest);
  // By this device's clock.
  const since = newest + explorer.ahead.value;
  const left = Math.max(0, ttl - (explorer.asOf.value - since) / 1000);
  return (
    <li>
      <LinkTo class="stream" stream={name}>
        <span class="stream-life" data-here={observers > 0}>
          <LifetimeRing since={since} ttl={ttl} />
          {newest !== first && <span key={newest} class="pulse" />}
        </span>
        <span class="stream-name" dir="auto">
          {streamTitle(language, name)}
        </span>
        <span class="stream-facts">
          {observers > 0 && <span class="stream-here">{language.t("here", { count: observers })}</span>}
          <span class="stream-left">{language.t("left", { duration: language.duration(left) })}</span>
        </span>
      </LinkTo>
    </li>
  );
}
