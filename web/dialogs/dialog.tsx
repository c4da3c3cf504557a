import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useApp, useLanguage } from "../components/context.ts";
import { IconButton } from "../components/icon-button.tsx";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** A modal dialog. The browser traps the focus, closes it on Escape and restores the focus. */
export function Dialog({ title, children }: DialogProps): JSX.Element {
  const { router } = useApp();
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef<EventTarget>(null);
  const isShown = useRef(true);
  // Its cleanup runs before the dialog is removed: a dialog that is gone cannot restore the focus.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    element?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      // Told late, when another dialog may be open already.
      isShown.current = false;
      element?.close();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="dialog-title"
      onClose={() => {
        if (isShown.current) router.closeDialog();
      }}
      onMouseDown={({ target }) => {
        pressed.current = target;
      }}
      onClick={({ target, detail }) => {
        // The second click of a double click, of which the first has opened it.
        if (detail > 1) return;
        // Only clicks on the backdrop hit the dialog itself. A text selection that is dragged out of the dialog ends there, too.
        if (target === dialog.current && pressed.current === target) router.closeDialog();
      }}
    >
      <div class="dialog-inner">
        <header>
          <h2 id="dialog-title">{title}</h2>
          <IconButton icon="close" label={language.t("close")} onClick={() => router.closeDialog()} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
