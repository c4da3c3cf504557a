import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Choice } from "../dialogs/choice.tsx";
import { Dialog } from "../dialogs/dialog.tsx";
import { LinkField } from "../dialogs/link-field.tsx";
import { QrCode } from "../dialogs/qr-code.tsx";
import { ShareWays } from "../dialogs/share-ways.tsx";
import type { OpenStream } from "./open-stream.tsx";
import { texts } from "./texts.ts";

const CHOICES = [
  { right: "writer", label: "shareWriter", warning: "shareWarnWriter" },
  { right: "reader", label: "shareReader", warning: "shareWarnReader" },
  { right: "owner", label: "shareOwner", warning: "shareWarnOwner" },
] as const;

/** Shares an encrypted stream: the links that its own link can give away, and what each means. */
export function ShareEncrypted({ open }: { readonly open: OpenStream }): JSX.Element | null {
  const { links } = open.stream;
  const choices = CHOICES.filter((choice) => links[choice.right] !== undefined);
  const [chosen, setChosen] = useState(choices[0]?.right);
  const choice = choices.find((one) => one.right === chosen);
  if (choice === undefined) return null;
  const link = links[choice.right] ?? "";
  return (
    <Dialog title={texts().t("shareTitle")}>
      {choices.length > 1 && (
        <fieldset class="field">
          <legend>{texts().t("shareFor")}</legend>
          {choices.map((one) => (
            <Choice
              key={one.right}
              id={`share-${one.right}`}
              name="share-right"
              label={texts().t(one.label)}
              checked={one === choice}
              onChoose={() => setChosen(one.right)}
            />
          ))}
        </fieldset>
      )}
      <LinkField key={link} link={link} />
      <p class="hint warn" role="status">
        {texts().t(choice.warning)}
      </p>
      <QrCode text={link} />
      <footer>
        <ShareWays link={link} />
      </footer>
    </Dialog>
  );
}
