import { createStore } from 'zustand/vanilla';

export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];
const storageKey = 'fanout.theme';

/** Where the choice is remembered: the browser's localStorage, which may be switched off. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export function createThemeStore(memory: Memory | null) {
  const store = createStore<{ readonly choice: ThemeChoice }>(() => ({ choice: rememberedChoice(memory) }));
  return {
    store,
    choose(choice: ThemeChoice): void {
      store.setState({ choice });
      try {
        memory?.setItem(storageKey, choice);
      } catch {
        // Storage is full or forbidden: the choice holds until the page is closed.
        console.warn('The colour theme cannot be remembered in this browser.');
      }
    },
  };
}

function rememberedChoice(memory: Memory | null): ThemeChoice {
  const remembered = memory?.getItem(storageKey);
  return themeChoices.find((choice) => choice === remembered) ?? 'system';
}
