import { signal, type ReadonlySignal } from "@preact/signals";
import { isName } from "../../src/protocol/name.ts";

/** The view that the URL selects. */
export type View =
  | { readonly kind: "home" }
  | { readonly kind: "stream"; readonly name: string }
  | { readonly kind: "bad-name" };

/** The dialog open over the view. */
export type DialogName = "new" | "share" | "people" | "settings";

/** The URL: `/#foo` shows the stream foo, `/new` creates a stream, `/share?stream=foo` (or `/share#foo`) shares one. */
export class Router {
  private readonly current = signal<View>({ kind: "home" });
  private readonly opened = signal<DialogName | undefined>();

  constructor() {
    this.read();
    addEventListener("hashchange", () => this.read());
    addEventListener("popstate", () => this.read());
  }

  get view(): ReadonlySignal<View> {
    return this.current;
  }

  get dialog(): ReadonlySignal<DialogName | undefined> {
    return this.opened;
  }

  /** The name of the open stream. */
  get stream(): string | undefined {
    const view = this.current.value;
    return view.kind === "stream" ? view.name : undefined;
  }

  open(dialog: DialogName): void {
    this.opened.value = dialog;
  }

  /** Closes the dialog; leaves `/new` and `/share` for `/`. */
  closeDialog(): void {
    this.opened.value = undefined;
    if (location.pathname !== "/") history.replaceState(null, "", addressOf(this.stream));
  }

  go(stream: string | undefined): void {
    this.opened.value = undefined;
    const address = addressOf(stream);
    if (location.pathname + location.hash === address) return;
    history.pushState(null, "", address);
    this.read();
  }

  private read(): void {
    const { pathname, search, hash } = location;
    const named =
      pathname === "/share" ? (new URLSearchParams(search).get("stream") ?? hash.slice(1)) : hash.slice(1);
    const view = viewOf(named);
    const before = this.current.peek();
    if (view.kind !== before.kind || named !== this.stream) this.current.value = view;
    this.opened.value = dialogOf(pathname, view);
  }
}

export function addressOf(stream: string | undefined): string {
  return stream === undefined ? "/" : `/#${stream}`;
}

function viewOf(named: string): View {
  if (named === "") return { kind: "home" };
  return isName(named) ? { kind: "stream", name: named } : { kind: "bad-name" };
}

function dialogOf(path: string, view: View): DialogName | undefined {
  if (path === "/new") return "new";
  return path === "/share" && view.kind === "stream" ? "share" : undefined;
}
