import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language } from "../language/language.ts";
import type { App } from "../state/app.ts";

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new TypeError("This is shown outside of the page");
  return app;
}

/** What the page says. Whoever uses it is drawn again when somebody chooses another language. */
export function useLanguage(): Language {
  return useApp().language.value;
}
