import type { ComponentChildren, JSX, TargetedFocusEvent } from "preact";
import { useRef } from "preact/hooks";
import type { DialogName } from "../state/router.ts";
import type { StreamSession } from "../state/stream-session.ts";
import { useApp, useLanguage } from "./context.ts";
import { Icon } from "./icon.tsx";

/** What else can be done with the open stream, and, on phones, what has a button of its own elsewhere. */
export function MoreMenu({ session }: { readonly session: StreamSession }): JSX.Element {
  const { router, endStream, wide } = useApp();
  const language = useLanguage();
  const menu = useRef<HTMLDivElement>(null);
  const isLog = session.view.current.value === "log";
  const choose = (action: () => void) => () => {
    // First: a dialog returns the focus to where it was before.
    menu.current?.hidePopover();
    action();
  };
  const opens = (dialog: DialogName, text: ComponentChildren): JSX.Element => (
    <button onClick={choose(() => router.open(dialog))}>{text}</button>
  );
  return (
    <>
      <button
        class="icon-button"
        popovertarget="more"
        aria-label={language.t("more")}
        title={language.t("more")}
      >
        <Icon name="more" />
      </button>
      <div class="menu" id="more" popover="auto" ref={menu} onFocusOut={closeBehind}>
        {opens("about", language.t("about"))}
        {opens("terminal", language.t("terminal"))}
        {!isLog && (
          <button
            class="bar-item"
            onClick={choose(() => {
              session.finding.value = true;
            })}
          >
            {language.t("find")}
          </button>
        )}
        <button class="bar-item" onClick={choose(() => session.view.toggle())}>
          {language.t(isLog ? "showAsTalk" : "showAsLog")}
        </button>
        {!wide.value && opens("new", language.t("newStream"))}
        {!wide.value && opens("settings", language.t("settings"))}
        {endStream.value !== undefined && opens("end", language.t("end"))}
      </div>
    </>
  );
}

/** Closes the menu when Tab leads out of it: it would lie over what has the focus then. */
function closeBehind({ currentTarget, relatedTarget }: TargetedFocusEvent<HTMLElement>): void {
  // Its button closes it by itself.
  const isNear =
    relatedTarget instanceof Element && relatedTarget.closest("#more, [popovertarget=more]") !== null;
  if (relatedTarget !== null && !isNear) currentTarget.hidePopover();
}
