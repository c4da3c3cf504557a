import type { JSX } from "preact";
import { useApp } from "./context.ts";
import { DialogSlot } from "./dialog-slot.tsx";
import { EncryptedSlot } from "./encrypted-slot.tsx";
import { Explore } from "./explore.tsx";
import { HomeSlot } from "./home-slot.tsx";
import { InvalidName } from "./invalid-name.tsx";
import { ReloadNotice } from "./reload-notice.tsx";
import { StreamView } from "./stream-view.tsx";
import { Toast } from "./toast.tsx";
import { useKeptFocus } from "./use-kept-focus.ts";
import { useSearchShortcut } from "./use-search-shortcut.ts";

/** The whole page: the stream list, the open stream, and the dialog over both. */
export function Page(): JSX.Element {
  const app = useApp();
  const { router, session, wide } = app;
  useSearchShortcut(app);
  useKeptFocus();
  const { kind } = router.view.value;
  document.documentElement.dataset["view"] = kind;
  return (
    <div class="page">
      {session.value !== undefined && <StreamView key={session.value.name} session={session.value} />}
      {kind === "encrypted" && session.value === undefined && <EncryptedSlot />}
      {kind === "home" && <HomeSlot />}
      {kind === "bad-name" && <InvalidName />}
      {(wide.value || kind === "home" || kind === "bad-name") && <Explore />}
      <DialogSlot />
      <ReloadNotice />
      <Toast />
    </div>
  );
}
