import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { isLanguage, LANGUAGES } from "../language/choose.ts";
import { Dialog } from "./dialog.tsx";
import { NameField } from "./name-field.tsx";

/** A name, a language, and whether to be notified. */
export function SettingsDialog(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const { notifier } = app;
  return (
    <Dialog title={language.say("settingsTitle")}>
      <NameField />
      <label class="field">
        <span>{language.say("language")}</span>
        <select
          value={language.tag}
          onChange={({ currentTarget: { value } }) => {
            if (isLanguage(value)) void app.speak(value);
          }}
        >
          {Object.entries(LANGUAGES).map(([tag, own]) => (
            <option key={tag} value={tag} lang={tag}>
              {own}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={notifier.on.value}
          onChange={({ currentTarget: { checked } }) => {
            if (checked) void notifier.turnOn();
            else notifier.turnOff();
          }}
        />
        <span>{language.say("notifications")}</span>
        {notifier.denied.value && <small class="warn">{language.say("notificationsDenied")}</small>}
      </label>
      <footer>
        <button class="primary" onClick={() => app.router.closeDialog()}>
          {language.say("done")}
        </button>
      </footer>
    </Dialog>
  );
}
