import type { Person, Presence } from "../../client/index.ts";
import type { Output } from "../output.ts";
import { isolated, join, plain, visible, type Plain } from "../plain.ts";

/** Names in one line. */
const MAX_NAMES = 3;

/** Gives names their colours, and words none. */
type Style = Pick<Output, "coloured" | "dim">;

/** Who listens to a stream. */
export class People {
  private presence: Presence | undefined;
  private readonly style: Style;
  /** All that the user has had. */
  private readonly ownNames = new Set<string>();
  /** Those of the list who have written since. */
  private readonly silent = new Set<string>();

  constructor(style: Style) {
    this.style = style;
  }

  /** The user is here under this name. */
  own(name: string): void {
    this.ownNames.add(name);
  }

  /** Takes a new list. Returns lines about who has joined and left since the last one, without the user. */
  update(presence: Presence): Plain[] {
    const before = this.presence;
    this.presence = presence;
    this.silent.clear();
    const names = ({ people }: Presence) =>
      people.map(({ name }) => name).filter((name) => !this.ownNames.has(name));
    const now = names(presence);
    if (before === undefined) return now.length === 0 ? [] : [this.line(now, "here", presence.more)];
    const earlier = new Set(names(before));
    const joined = now.filter((name) => !earlier.delete(name));
    return [
      ...(joined.length === 0 ? [] : [this.line(joined, "joined")]),
      ...(earlier.size === 0 ? [] : [this.line([...earlier], "left")]),
    ];
  }

  /** Somebody has written, and so is no longer typing, which the list says later. */
  wrote(name: string): void {
    if (this.presence?.people.some((person) => person.name === name)) this.silent.add(name);
  }

  /** `3 here`; nothing while it is not known. */
  get count(): Plain | undefined {
    return this.presence && plain`${this.presence.observers} here`;
  }

  /** `Ada is typing…`, without the user; undefined if nobody is. */
  get typing(): Plain | undefined {
    const isTyping = ({ name, status }: Person) =>
      status === "typing" && !this.ownNames.has(name) && !this.silent.has(name);
    const names = this.presence?.people.filter(isTyping).map(({ name }) => name) ?? [];
    if (names.length === 0) return undefined;
    return plain`${this.list(names)} ${names.length === 1 ? "is" : "are"} typing…`;
  }

  /** Everybody, for who asks. */
  all(): Plain {
    if (this.presence === undefined) return plain`not known yet`;
    const { people, more, observers } = this.presence;
    const named = people.map(({ name, status }) => {
      const shown = this.name(name);
      return status === "online" ? shown : plain`${shown} (${status})`;
    });
    if (more > 0) named.push(plain`${more} more`);
    // People may listen with several programs, of which one is counted here.
    const anonymous = Math.max(observers - people.length - more, 0);
    if (anonymous > 0) named.push(plain`${anonymous} without a name`);
    return join(named, ", ");
  }

  /** `Ada, Bob, Eve and 4 others joined` */
  private line(names: readonly string[], verb: string, more = 0): Plain {
    return plain`${this.list(names, more)} ${this.style.dim(plain`${verb}`)}`;
  }

  private list(names: readonly string[], more = 0): Plain {
    const shown = names.slice(0, MAX_NAMES).map((name) => this.name(name));
    const others = names.length - shown.length + more;
    if (others > 0) shown.push(plain`${others} ${others === 1 ? "other" : "others"}`);
    const [last = plain``] = shown.splice(-1);
    return shown.length === 0 ? last : plain`${join(shown, ", ")} and ${last}`;
  }

  private name(name: string): Plain {
    return this.style.coloured(name, isolated(visible(name)));
  }
}
