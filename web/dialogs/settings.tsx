import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { isLanguage, LANGUAGES } from "../language/choose.ts";
import { Dialog } from "./dialog.tsx";
import { Check } from "./check.tsx";
import { Field } from "./field.tsx";
import { NameField } from "./name-field.tsx";

/** A name, a language, and whether to be notified. */
export function SettingsDialog(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const { notifier } = app;
  return (
    <Dialog title={language.say("settingsTitle")}>
      <NameField />
      <Field id="language" label={language.say("language")}>
        <select
          id="language"
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
      </Field>
      <Check
        id="notifications"
        label={language.say("notifications")}
        hint={notifier.denied.value ? language.say("notificationsDenied") : undefined}
        checked={notifier.on.value}
        onChange={(checked) => {
          if (checked) void notifier.turnOn();
          else notifier.turnOff();
        }}
      />
      <footer>
        <button class="primary" onClick={() => app.router.closeDialog()}>
          {language.say("done")}
        </button>
      </footer>
    </Dialog>
  );
}
