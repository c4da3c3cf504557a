import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "./context.ts";
import type { FindProps } from "./find-bar.tsx";

/** The search in the messages, while it is open. Loaded when it is first used; Ctrl+F opens it. */
export function FindSlot({ session, scroller }: FindProps): JSX.Element | null {
  const app = useApp();
  const [loaded, setLoaded] = useState<{ readonly Bar: ComponentType<FindProps> } | undefined>();
  const isOpen = session.finding.value;

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isFind =
        (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key === "f";
      // In a dialog, and when the search is open already, the browser's own search helps more.
      if (!isFind || session.finding.peek() || app.router.dialog.peek() !== undefined) return;
      event.preventDefault();
      session.finding.value = true;
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [app, session]);

  useEffect(() => {
    if (!isOpen || loaded !== undefined) return;
    import("./find-bar.tsx").then(
      ({ FindBar }) => setLoaded({ Bar: FindBar }),
      () => app.showReloadNotice(),
    );
  }, [isOpen, loaded, app]);

  if (!isOpen || loaded === undefined) return null;
  return <loaded.Bar session={session} scroller={scroller} />;
}
