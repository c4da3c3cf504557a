import { addStyle } from "../components/add-style.ts";
import css from "./dialogs.css" with { type: "text" };
import { AboutDialog } from "./about.tsx";
import { EndStreamDialog } from "./end-stream.tsx";
import { NewStreamDialog } from "./new-stream.tsx";
import { PeopleDialog } from "./people.tsx";
import { SettingsDialog } from "./settings.tsx";
import { ShareDialog } from "./share.tsx";
import { TerminalDialog } from "./terminal.tsx";

addStyle(css);

/** All dialogs by name. Loaded with the first one that is opened. */
export const DIALOGS = {
  about: AboutDialog,
  end: EndStreamDialog,
  new: NewStreamDialog,
  share: ShareDialog,
  terminal: TerminalDialog,
  people: PeopleDialog,
  settings: SettingsDialog,
} as const;
