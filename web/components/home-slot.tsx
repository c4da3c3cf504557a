import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useApp } from "./context.ts";

/** The start page, loaded when it is first shown. */
export function HomeSlot(): JSX.Element {
  const app = useApp();
  const [loaded, setLoaded] = useState<{ readonly Home: ComponentType } | undefined>();
  useEffect(() => {
    loadHome().then(
      ({ Home }) => setLoaded({ Home }),
      () => app.showReloadNotice(),
    );
  }, [app]);
  return loaded === undefined ? <main class="home" /> : <loaded.Home />;
}

export function loadHome(): Promise<{ readonly Home: ComponentType }> {
  return import("./home.tsx");
}
