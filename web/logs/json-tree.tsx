import type { JSX } from "preact";
import { withoutAnsi } from "./ansi.ts";
import type { Json } from "./json.ts";

/** JSON over several lines, as it is read best. */
export function JsonTree({ value }: { readonly value: Json }): JSX.Element {
  switch (value.kind) {
    case "object":
      return (
        <Braces open="{" close="}" isEmpty={value.members.length === 0}>
          {value.members.map((member) => (
            <div>
              <span class="json-name">{withoutAnsi(member.name)}</span>
              {": "}
              <JsonTree value={member.value} />
            </div>
          ))}
        </Braces>
      );
    case "array":
      return (
        <Braces open="[" close="]" isEmpty={value.items.length === 0}>
          {value.items.map((item) => (
            <div>
              <JsonTree value={item} />
            </div>
          ))}
        </Braces>
      );
    case "string":
      return <span class="json-string">{withoutAnsi(value.text)}</span>;
    case "other":
      return <span class="json-other">{value.text}</span>;
  }
}

interface BracesProps {
  readonly open: string;
  readonly close: string;
  readonly isEmpty: boolean;
  readonly children: JSX.Element[];
}

function Braces({ open, close, isEmpty, children }: BracesProps): JSX.Element {
  if (isEmpty) return <>{open + close}</>;
  return (
    <>
      {open}
      <div class="json-inside">{children}</div>
      {close}
    </>
  );
}
