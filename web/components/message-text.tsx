import type { JSX } from "preact";
import { blocksOf, type Block } from "../text/blocks.ts";
import { isEmojiOnly } from "../text/emoji.ts";
import { inlineParts } from "../text/inline.ts";
import { LinkedText } from "./linked-text.tsx";

/** A message's text as text nodes, in elements for quotes, code and links. Nothing is made from a string. */
export function MessageText({ text }: { readonly text: string }): JSX.Element {
  const blocks = blocksOf(text);
  const [first] = blocks;
  if (blocks.length === 1 && first?.kind === "text") {
    return (
      <p class="body" dir="auto" data-emoji={isEmojiOnly(text) || undefined}>
        <Inline text={text} />
      </p>
    );
  }
  return (
    <div class="body">
      {blocks.map((block) => (
        <BlockOfText block={block} />
      ))}
    </div>
  );
}

function BlockOfText({ block: { kind, text } }: { readonly block: Block }): JSX.Element {
  switch (kind) {
    case "code":
      return (
        <pre dir="ltr">
          <code>{text}</code>
        </pre>
      );
    case "quote":
      return (
        <blockquote dir="auto">
          <Inline text={text} />
        </blockquote>
      );
    case "text":
      return (
        <p dir="auto">
          <Inline text={text} />
        </p>
      );
  }
}

function Inline({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {inlineParts(text).map((part) =>
        part.isCode ? <code>{part.text}</code> : <LinkedText text={part.text} />,
      )}
    </>
  );
}
