import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language } from "../language/language.ts";
import type { App } from "../state/app.ts";

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new TypeError("Used outside of AppContext");
  return app;
}

/** The page's texts and formats. Components that use them render again when the language changes. */
export function useLanguage(): Language {
  return useApp().language.value;
}
