import { computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";
import { isEncrypted } from "../state/address.ts";
import type { Entry, MessageEntry } from "../state/entry.ts";
import { keepForTab, readOfTab } from "../state/tab-storage.ts";
import type { Sample } from "./detect.ts";
import { MIN_SAMPLES, SAMPLES } from "./samples.ts";

/** People talk, or machines write a log. */
export type ViewKind = "talk" | "log";

/** The beginning of the key in `sessionStorage`; the name of the stream follows. */
const KEY = "malten.view.";

/** Decides; undefined before there are enough messages to be asked about. */
const detector = signal<((messages: readonly Sample[]) => boolean) | undefined>();
let isLoading = false;

/** Which view shows a stream: the one that was chosen in this tab, or the one that its messages ask for. */
export class ViewChoice {
  readonly current: ReadonlySignal<ViewKind>;
  private readonly stream: string;
  private readonly chosen: Signal<ViewKind | undefined>;
  /** A stream that was a log once stays one: a view that changes back and forth cannot be read. */
  private wasLog = false;

  constructor(stream: string, entries: ReadonlySignal<readonly Entry[]>) {
    this.stream = stream;
    this.chosen = signal(chosenBefore(stream));
    this.current = computed(() => {
      if (this.chosen.value !== undefined) return this.chosen.value;
      this.wasLog ||= looksLikeLog(newestMessages(entries.value));
      return this.wasLog ? "log" : "talk";
    });
  }

  /** Shows the other view, in this tab from now on. A reload forgets encrypted streams, and this with them. */
  toggle(): void {
    const view = this.current.peek() === "log" ? "talk" : "log";
    this.chosen.value = view;
    if (!isEncrypted(this.stream)) keepForTab(KEY + this.stream, view);
  }
}

function chosenBefore(stream: string): ViewKind | undefined {
  const view = readOfTab(KEY + stream);
  return view === "talk" || view === "log" ? view : undefined;
}

function newestMessages(entries: readonly Entry[]): readonly MessageEntry[] {
  const newest: MessageEntry[] = [];
  for (let i = entries.length - 1; i >= 0 && newest.length < SAMPLES; i--) {
    const entry = entries[i];
    if (entry?.kind === "message") newest.push(entry);
  }
  return newest.toReversed();
}

/** Loads the detector with the first stream that has enough messages. Without it, streams are shown as talk. */
function looksLikeLog(newest: readonly MessageEntry[]): boolean {
  if (newest.length < MIN_SAMPLES) return false;
  if (detector.value === undefined && !isLoading) {
    isLoading = true;
    import("./detect.ts").then(
      (module) => {
        detector.value = module.looksLikeLog;
      },
      () => {
        isLoading = false;
      },
    );
  }
  return detector.value?.(newest) ?? false;
}
