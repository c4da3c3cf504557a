import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DialogName } from "../state/router.ts";
import { useApp } from "./context.ts";

type Dialogs = Readonly<Partial<Record<DialogName, ComponentType>>>;

/** The open dialog. All dialogs are loaded together, with the first one. */
export function DialogSlot(): JSX.Element | null {
  const app = useApp();
  const { router } = app;
  const [dialogs, setDialogs] = useState<Dialogs | undefined>();
  const name = router.dialog.value;
  const wanted = name !== undefined;

  useEffect(() => {
    if (!wanted || dialogs !== undefined) return;
    import("../dialogs/dialogs.ts").then(
      (module) => setDialogs(module.DIALOGS),
      () => app.showReloadNotice(),
    );
  }, [wanted, dialogs, app]);

  if (name === undefined || dialogs === undefined) return null;
  const Dialog = app.session.value?.parts?.dialogs[name] ?? dialogs[name];
  return Dialog === undefined ? null : <Dialog />;
}
