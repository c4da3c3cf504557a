import { useSignal, type Signal } from "@preact/signals";
import type {
  RefObject,
  TargetedEvent,
  TargetedKeyboardEvent,
  TargetedMouseEvent,
  TargetedPointerEvent,
} from "preact";
import { useEffect } from "preact/hooks";

/** A message that is shown, in either view. */
const ROW = "[data-key]:not([hidden])";

interface ActiveLine {
  /** The key of the message that is pointed at, touched or focused. */
  readonly active: Signal<string | undefined>;
  /** For the element around the messages. */
  readonly handlers: {
    onPointerOver(this: void, event: TargetedPointerEvent<HTMLElement>): void;
    onPointerLeave(this: void, event: TargetedPointerEvent<HTMLElement>): void;
    onClick(this: void, event: TargetedMouseEvent<HTMLElement>): void;
    onFocusIn(this: void, event: TargetedEvent<HTMLElement>): void;
    onKeyDown(this: void, event: TargetedKeyboardEvent<HTMLElement>): void;
  };
}

/**
 * Knows which message the user points at: with a mouse, by a tap, or with the arrow keys, which move the focus from message to
 * message. Enter goes from there to what can be done with it, Escape back.
 */
export function useActiveLine(scroller: RefObject<HTMLElement | null>): ActiveLine {
  const active = useSignal<string | undefined>();

  // Who taps or goes elsewhere wants something else.
  useEffect(() => {
    const onElsewhere = ({ target }: Event): void => {
      if (target instanceof Node && scroller.current?.contains(target) === false) active.value = undefined;
    };
    for (const event of ["pointerdown", "focusin"]) document.addEventListener(event, onElsewhere);
    return () => {
      for (const event of ["pointerdown", "focusin"]) document.removeEventListener(event, onElsewhere);
    };
  }, [scroller, active]);

  return {
    active,
    handlers: {
      onPointerOver({ pointerType, target }) {
        if (pointerType === "mouse") active.value = keyOf(target);
      },
      onPointerLeave({ pointerType, currentTarget }) {
        if (pointerType !== "mouse") return;
        const focused = currentTarget.querySelector(":focus-visible");
        active.value = keyOf(focused);
      },
      onClick(event) {
        if (!isTouch(event) || isInteractive(event.target)) return;
        const key = keyOf(event.target);
        active.value = active.peek() === key ? undefined : key;
      },
      onFocusIn({ target }) {
        if (target instanceof Element && target.matches(":focus-visible")) active.value = keyOf(target);
      },
      onKeyDown(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
        const from = rowOf(event.target);
        const to = targetOf(event.key, from, event.currentTarget);
        if (to === undefined || to === null) return;
        event.preventDefault();
        if (to.matches(ROW)) to.tabIndex = -1;
        to.focus();
      },
    },
  };
}

/** Returns the element that a key moves the focus to, from a message or from the log. */
function targetOf(
  key: string,
  from: HTMLElement | undefined,
  log: HTMLElement,
): HTMLElement | null | undefined {
  switch (key) {
    case "ArrowUp":
      return from === undefined ? lastVisible(log) : neighbour(from, -1, log);
    case "ArrowDown":
      return from && neighbour(from, 1, log);
    case "Enter":
      return document.activeElement === from ? from?.querySelector<HTMLElement>("button") : undefined;
    case "Escape":
      return document.activeElement === from ? from && log : from;
    default:
      return undefined;
  }
}

/** The message so many after this one, in the order of the page. */
function neighbour(from: HTMLElement, step: 1 | -1, log: HTMLElement): HTMLElement | undefined {
  const rows = [...log.querySelectorAll<HTMLElement>(ROW)];
  return rows[rows.indexOf(from) + step];
}

/** The last message whose end is in the visible part of the log. */
function lastVisible(log: HTMLElement): HTMLElement | undefined {
  const { bottom } = log.getBoundingClientRect();
  const rows = [...log.querySelectorAll<HTMLElement>(ROW)];
  return rows.findLast((row) => row.getBoundingClientRect().bottom <= bottom + 1) ?? rows.at(-1);
}

function rowOf(target: EventTarget | null): HTMLElement | undefined {
  return target instanceof Element ? (target.closest<HTMLElement>(ROW) ?? undefined) : undefined;
}

function keyOf(target: EventTarget | null): string | undefined {
  return rowOf(target)?.dataset["key"];
}

function isTouch(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType !== "mouse";
}

function isInteractive(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button") !== null;
}
