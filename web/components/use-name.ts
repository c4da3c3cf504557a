import { useState } from "preact/hooks";
import { isPerson, MAX_PERSON } from "../../src/protocol/presence.ts";
import { useApp } from "./context.ts";

export interface NameInput {
  readonly name: string;
  readonly isInvalid: boolean;
  /** Whether it is the user's name already. */
  readonly isSaved: boolean;
  onInput(this: void, name: string): void;
  /** Makes it the user's name. Returns false, and shows why, if it cannot be one. */
  save(this: void): boolean;
}

/** The user's name while it is typed. */
export function useName(): NameInput {
  const app = useApp();
  const [name, setName] = useState(app.user.name.peek());
  const [isInvalid, setInvalid] = useState(false);
  return {
    name,
    isInvalid,
    isSaved: !isInvalid && name.trim() === app.user.name.value,
    onInput(typed) {
      setName(typed);
      setInvalid(false);
    },
    save() {
      const trimmed = name.trim();
      const isValid = trimmed === "" || isPerson(trimmed, MAX_PERSON);
      if (isValid) app.rename(trimmed);
      setInvalid(!isValid);
      return isValid;
    },
  };
}
