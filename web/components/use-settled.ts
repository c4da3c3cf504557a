import { useEffect, useState } from "preact/hooks";

/** How long after it was drawn browsers may tell screen readers of a change, in milliseconds. */
const DELAY = 1000;

/** Returns whether everything is loaded, and was long enough ago that it is not announced as new. */
export function useSettled(isLoaded: boolean): boolean {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (!isLoaded) return;
    const timer = setTimeout(() => setSettled(true), DELAY);
    return () => {
      clearTimeout(timer);
      setSettled(false);
    };
  }, [isLoaded]);
  return isLoaded && isSettled;
}
