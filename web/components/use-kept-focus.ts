import { useEffect } from "preact/hooks";

/** Where the focus goes when the element that had it is gone: to the first of these in what is left around it. */
const LANDINGS = "dialog[open] [data-first], dialog[open] button, [role=log], .home h1, #explore-title";

/**
 * Keeps the focus in the page when the element that has it is removed, such as a button that has done its work, or moved, such as a row
 * of a list that is sorted again. Browsers drop it then, and screen readers go back to the beginning of the page.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let focused: Element | undefined;
    /** The elements around it, from the inside. */
    let around: readonly Element[] = [];
    let isLost = false;

    const onFocusIn = ({ target }: FocusEvent): void => {
      if (!(target instanceof Element)) return;
      focused = target;
      around = ancestorsOf(target);
      isLost = false;
    };
    const observer = new MutationObserver((changes) => {
      if (focused === undefined || document.activeElement !== document.body) return;
      // Otherwise the user has left it.
      isLost ||= changes.some((change) => isRemovedWith(change, focused));
      if (!isLost) return;
      const landing = focused.isConnected ? focused : landingIn(around);
      if (landing instanceof HTMLElement) focusOn(landing);
    });

    document.addEventListener("focusin", onFocusIn);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", onFocusIn);
      observer.disconnect();
    };
  }, []);
}

function ancestorsOf(element: Element): readonly Element[] {
  const ancestors: Element[] = [];
  for (let above = element.parentElement; above !== null; above = above.parentElement) ancestors.push(above);
  return ancestors;
}

function isRemovedWith({ removedNodes }: MutationRecord, element: Element | undefined): boolean {
  return element !== undefined && [...removedNodes].some((removed) => removed.contains(element));
}

/** The landing that is nearest to an element with these ancestors, if any is left. */
function landingIn(ancestors: readonly Element[]): Element | undefined {
  for (const ancestor of ancestors) {
    const landing = ancestor.isConnected ? ancestor.querySelector(LANDINGS) : null;
    if (landing !== null) return landing;
  }
  return undefined;
}

function focusOn(element: HTMLElement): void {
  // What only a program focuses is no stop of the Tab key.
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
