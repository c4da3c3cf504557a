import type { JSX } from "preact";
import { textParts } from "../text/links.ts";
import type { Colour, StyledText, TextStyle } from "./ansi.ts";
import { css, legible } from "./colour.ts";
import { LEVEL } from "./line.ts";

interface StyledPiecesProps {
  readonly pieces: readonly StyledText[];
  /** Whether its links are reached with the tab key: those of one line, not of a thousand. */
  readonly isActive: boolean;
}

/** Text in the colours that a program gave it, with its links. */
export function StyledPieces({ pieces, isActive }: StyledPiecesProps): JSX.Element {
  return (
    <>
      {pieces.map(({ text, style }) =>
        style === undefined ? (
          linked(text, isActive)
        ) : (
          <span class={style === LEVEL ? "level" : classOf(style)} style={mixed(style)}>
            {linked(text, isActive)}
          </span>
        ),
      )}
    </>
  );
}

function linked(text: string, isActive: boolean): readonly (JSX.Element | string)[] | string {
  if (!text.includes("://")) return text;
  return textParts(text).map((part) =>
    part.href === undefined ? (
      part.text
    ) : (
      <a
        href={part.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        tabIndex={isActive ? undefined : -1}
      >
        {part.text}
      </a>
    ),
  );
}

/** Colours with a name have one of the page; `on` is a background, on which text has the colour of the page. */
function classOf(style: TextStyle): string {
  const [text, ground] = colours(style);
  const names = (["bold", "dim", "italic", "underline"] as const).filter((name) => style[name]);
  if (ground !== undefined)
    return [...names, "on", ...(typeof ground === "number" ? [`g${ground}`] : [])].join(" ");
  return [...names, ...(typeof text === "number" ? [`c${text}`] : [])].join(" ");
}

function mixed(style: TextStyle): Readonly<Record<string, string>> | undefined {
  const [text, ground] = colours(style);
  if (typeof ground === "object") return { "--on": css(ground) };
  return typeof text === "object" && ground === undefined ? { color: legible(text) } : undefined;
}

/** Colour of the text, and behind it. */
function colours({ colour, background, inverse }: TextStyle): [Colour | undefined, Colour | undefined] {
  return inverse ? [background, colour ?? FOREGROUND] : [colour, background];
}

/** What text without a colour has. */
const FOREGROUND: Colour = 15;
