import { Component, type JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { Entry } from "../state/entry.ts";
import type { StreamSession } from "../state/stream-session.ts";
import type { LineFilter } from "./filter.ts";
import type { LineBlock } from "./line-blocks.ts";
import { isHit, type LogLines } from "./log-lines.ts";
import { LogRow } from "./log-row.tsx";
import { shallowEqual } from "./shallow-equal.ts";

interface LogBlockProps {
  readonly session: StreamSession;
  readonly lines: LogLines;
  readonly block: LineBlock;
  readonly language: Language;
  readonly filter: LineFilter;
  readonly expanded: ReadonlySet<string>;
  /** The key of the line that is pointed at, if it is in this block. */
  readonly active: string | undefined;
  /** Whether its lines are drawn. Until then, it takes about the space that they will need. */
  readonly isDrawn: boolean;
  /** Whether the filter has been applied to its lines. Until then, they are not shown, but the space that they will need is there. */
  readonly isFiltered: boolean;
}

/** Lines that are compared together, and skipped while they are out of sight. */
export class LogBlock extends Component<LogBlockProps> {
  override shouldComponentUpdate(next: LogBlockProps): boolean {
    return !shallowEqual(this.props, next);
  }

  override render(props: LogBlockProps): JSX.Element {
    const { lines, block, filter, active, isDrawn, isFiltered } = props;
    return (
      <div
        role="none"
        class="lines"
        style={{ "--lines": lines.passed(block, filter).height }}
        data-drawn={isDrawn}
        data-active={active !== undefined || undefined}
        data-waiting={!isFiltered || undefined}
      >
        {isDrawn && <Rows {...props} />}
      </div>
    );
  }
}

/** The lines themselves. */
class Rows extends Component<LogBlockProps> {
  override shouldComponentUpdate(next: LogBlockProps): boolean {
    return next.isFiltered && !shallowEqual(this.props, next);
  }

  private readonly onToggle = (key: string): void => this.props.lines.toggleExpanded(key);

  override render(props: LogBlockProps): JSX.Element {
    const { session, block, language, filter, expanded, active } = props;
    return (
      <>
        {block.entries.map((entry, i) => (
          <LogRow
            key={entry.key}
            session={session}
            entry={entry}
            language={language}
            isShown={entry.kind !== "message" || isHit(entry, filter)}
            isFirst={showsAuthor(entry, block.entries[i - 1])}
            isExpanded={expanded.has(entry.key)}
            isActive={active === entry.key}
            onToggle={this.onToggle}
          />
        ))}
      </>
    );
  }
}

/** In an encrypted stream, who sent a line is shown where that changes; elsewhere each line has its name, if any. */
function showsAuthor(entry: Entry, before: Entry | undefined): boolean {
  if (entry.kind !== "message" || entry.own) return false;
  if (entry.sender === undefined) return entry.name !== undefined;
  return before?.kind !== "message" || before.own || before.sender?.id !== entry.sender.id;
}
