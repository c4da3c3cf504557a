import { signal, type ReadonlySignal } from "@preact/signals";
import { looksLikeLink } from "../../src/crypto/looks-like-link.ts";
import { isName } from "../../src/protocol/name.ts";
import { addressOf, ENCRYPTED, isEncrypted } from "./address.ts";
import { hideLink, takeLink } from "./link.ts";

/** The view that the URL selects. */
export type View =
  | { readonly kind: "home" }
  | { readonly kind: "stream"; readonly name: string }
  /** An encrypted stream or a pipe. `name` is {@link ENCRYPTED} for a link, until it is open. */
  | { readonly kind: "encrypted"; readonly name: string }
  | { readonly kind: "bad-name" };

/** The dialog open over the view. */
export type DialogName = "new" | "share" | "terminal" | "people" | "settings" | "lock" | "about" | "end";

/** Who can read a stream that is to be created. */
export const NEW_KINDS = ["public", "private", "encrypted", "pipe"] as const;

export type NewKind = (typeof NEW_KINDS)[number];

/** The URL: `/#foo` shows the stream foo, `/new` creates a stream, `/share?stream=foo` (or `/share#foo`) shares one. */
export class Router {
  private readonly current = signal<View>({ kind: "home" });
  private readonly opened = signal<DialogName | undefined>();
  /** What the dialog for a new stream begins with. */
  kind: NewKind = "public";
  /** A link to be opened: a secret, kept until it is taken. */
  readonly link = signal<string | undefined>();

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

  /** The name of the stream in the address bar. */
  get stream(): string | undefined {
    const view = this.current.value;
    return view.kind === "stream" || view.kind === "encrypted" ? view.name : undefined;
  }

  open(dialog: DialogName, kind: NewKind = "public"): void {
    this.kind = kind;
    this.opened.value = dialog;
  }

  /** Closes the dialog; leaves `/new` and `/share` for `/`. */
  closeDialog(): void {
    this.opened.value = undefined;
    if (location.pathname !== "/") history.replaceState(null, "", addressOf(this.stream));
  }

  /** Opens a stream; without one, the start page. */
  go(stream?: string): void {
    this.opened.value = undefined;
    const address = addressOf(stream);
    if (location.pathname + location.hash === address) return;
    history.pushState(null, "", address);
    this.read();
  }

  /** Opens a link without ever showing it in the address bar. */
  openLink(link: string): void {
    this.go(ENCRYPTED);
    this.link.value = link;
  }

  /** Shows another name for what is open. */
  rename(name: string): void {
    history.replaceState(null, "", addressOf(name));
    this.read();
  }

  private read(): void {
    if (looksLikeLink(location.hash)) hideLink();
    const { pathname, search, hash } = location;
    const named =
      pathname === "/share" ? (new URLSearchParams(search).get("stream") ?? hash.slice(1)) : hash.slice(1);
    const view = viewOf(named);
    const before = this.current.peek();
    if (view.kind !== before.kind || named !== this.stream) this.current.value = view;
    this.opened.value = dialogOf(pathname, view);
    // Last: it may be opened at once, which changes the view.
    this.link.value = takeLink() ?? this.link.peek();
  }
}

function viewOf(named: string): View {
  if (named === "") return { kind: "home" };
  if (isEncrypted(named)) return { kind: "encrypted", name: named };
  return isName(named) ? { kind: "stream", name: named } : { kind: "bad-name" };
}

function dialogOf(path: string, view: View): DialogName | undefined {
  if (path === "/new") return "new";
  return path === "/share" && view.kind === "stream" ? "share" : undefined;
}
