import type { JSX } from "preact";
import { nameHue } from "../text/name-colour.ts";

/** A name that someone gave, in a colour that is always the same for it. Isolated from the direction of the text around it. */
export function PersonName({ name }: { readonly name: string }): JSX.Element {
  return (
    <bdi class="person-name" style={{ "--hue": nameHue(name) }}>
      {name}
    </bdi>
  );
}
