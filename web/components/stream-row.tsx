import type { JSX } from "preact";
import type { Listed } from "../../src/client/index.ts";
import { useApp, useLanguage } from "./context.ts";
import { LifetimeRing } from "./lifetime-ring.tsx";
import { LinkTo } from "./link-to.tsx";

/** A stream in the list: name, number of listeners, time left. */
export function StreamRow({ stream }: { readonly stream: Listed }): JSX.Element {
  const { explorer } = useApp();
  const language = useLanguage();
  const { name, ttl, updated, observers } = stream;
  const left = Math.max(0, ttl - (explorer.asOf.value - updated.getTime()) / 1000);
  return (
    <li>
      <LinkTo class="stream" stream={name}>
        <LifetimeRing since={updated.getTime()} ttl={ttl} />
        <span class="stream-name">{name}</span>
        <span class="stream-facts">
          {observers > 0 && <span class="stream-here">{language.t("here", { count: observers })}</span>}
          <span class="stream-left">{language.t("left", { duration: language.duration(left) })}</span>
        </span>
      </LinkTo>
    </li>
  );
}
