import { Component, type JSX } from "preact";
import type { Language } from "../language/language.ts";
import type { StreamSession } from "../state/stream-session.ts";
import type { LineFilter } from "./filter.ts";
import { lineOf } from "./line.ts";
import type { LineBlock } from "./line-blocks.ts";
import type { LogLines } from "./log-lines.ts";
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
  /** Whether the filter has been applied to it. Until then, it is not shown. */
  readonly isFiltered: boolean;
}

/** Lines that are drawn, skipped while they are out of sight, and compared together. */
export class LogBlock extends Component<LogBlockProps> {
  /** The filter that was applied last. */
  private applied: LineFilter | undefined;

  override shouldComponentUpdate(next: LogBlockProps): boolean {
    return !shallowEqual(this.props, next);
  }

  private readonly onToggle = (key: string): void => this.props.lines.toggleExpanded(key);

  override render(props: LogBlockProps): JSX.Element {
    const { session, lines, block, language, expanded, active, isDrawn, isFiltered } = props;
    if (isFiltered || this.applied === undefined) this.applied = props.filter;
    const filter = this.applied;
    const isShown = block.entries.map((entry) => entry.kind !== "message" || lines.isHit(entry, filter));
    let height = 0;
    for (const [i, entry] of block.entries.entries())
      if (isShown[i]) height += entry.kind === "message" ? lineOf(entry).height : 1;
    return (
      <div role="none" class="lines" style={{ "--lines": height }} data-drawn={isDrawn} hidden={!isFiltered}>
        {isDrawn &&
          block.entries.map((entry, i) => (
            <LogRow
              key={entry.key}
              session={session}
              entry={entry}
              language={language}
              isShown={isShown[i] ?? true}
              isExpanded={expanded.has(entry.key)}
              isActive={active === entry.key}
              onToggle={this.onToggle}
            />
          ))}
      </div>
    );
  }
}
