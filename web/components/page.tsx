import type { JSX } from "preact";
import { useApp } from "./context.ts";
import { DialogSlot } from "./dialog-slot.tsx";
import { Explore } from "./explore.tsx";
import { Home } from "./home.tsx";
import { NoSuchName } from "./no-such-name.tsx";
import { PartMissing } from "./part-missing.tsx";
import { TalkView } from "./talk-view.tsx";

/** The whole page: the streams, the one that is open, and what is open over both. */
export function Page(): JSX.Element {
  const { router, talk, wide } = useApp();
  const { kind } = router.view.value;
  document.documentElement.dataset["view"] = kind;
  return (
    <div class="page">
      {kind === "stream" && talk.value !== undefined && <TalkView key={talk.value.name} talk={talk.value} />}
      {kind === "home" && <Home />}
      {kind === "bad-name" && <NoSuchName />}
      {(wide.value || kind !== "stream") && <Explore />}
      <DialogSlot />
      <PartMissing />
    </div>
  );
}
