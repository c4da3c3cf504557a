import type { JSX } from "preact";
import { useApp, useLanguage } from "../components/context.ts";
import { isLanguage, LANGUAGES } from "../language/choose.ts";
import { isTheme, THEMES } from "../state/theme.ts";
import { Dialog } from "./dialog.tsx";
import { Checkbox } from "./checkbox.tsx";
import { Field } from "./field.tsx";
import { NameField } from "./name-field.tsx";

const THEME_TEXTS = { system: "themeSystem", light: "themeLight", dark: "themeDark" } as const;

/** Name, language, appearance and notifications. */
export function SettingsDialog(): JSX.Element {
  const app = useApp();
  const language = useLanguage();
  const { notifier, theme } = app;
  return (
    <Dialog title={language.t("settingsTitle")}>
      <NameField />
      <Field id="language" label={language.t("language")}>
        <select
          id="language"
          value={language.tag}
          onChange={({ currentTarget: { value } }) => {
            if (isLanguage(value)) void app.setLanguage(value);
          }}
        >
          {Object.entries(LANGUAGES).map(([tag, own]) => (
            <option key={tag} value={tag} lang={tag}>
              {own}
            </option>
          ))}
        </select>
      </Field>
      <Field id="theme" label={language.t("theme")}>
        <select
          id="theme"
          value={theme.value}
          onChange={({ currentTarget: { value } }) => {
            if (isTheme(value)) theme.value = value;
          }}
        >
          {THEMES.map((one) => (
            <option key={one} value={one}>
              {language.t(THEME_TEXTS[one])}
            </option>
          ))}
        </select>
      </Field>
      <Checkbox
        id="notifications"
        label={language.t("notifications")}
        hint={notifier.denied.value ? language.t("notificationsDenied") : undefined}
        checked={notifier.on.value}
        onChange={(checked) => {
          if (checked) void notifier.turnOn();
          else notifier.turnOff();
        }}
      />
      <footer>
        <button class="primary" onClick={() => app.router.closeDialog()}>
          {language.t("done")}
        </button>
      </footer>
    </Dialog>
  );
}
