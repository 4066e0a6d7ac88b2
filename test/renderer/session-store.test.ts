import { expect, it } from 'vitest';
import { tokenOfAddress } from '../../renderer/stores/session-store.ts';
import { createThemeStore } from '../../renderer/stores/theme-store.ts';

it('finds the one-time token of a sign-in link', () => {
  const tokenOf = (address: string) => tokenOfAddress(new URL(address, 'http://127.0.0.1:27802'));
  expect(tokenOf('/sign-in#token=abc')).toBe('abc');
  expect(tokenOf('/?token=abc')).toBe('abc');
  expect(tokenOf('/#/agents')).toBeNull();
});

it('remembers the colour theme, and takes the system’s where nothing sensible is remembered', () => {
  const kept = new Map<string, string>();
  const memory = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  const theme = createThemeStore(memory);
  expect(theme.store.getState().choice).toBe('system');
  theme.choose('dark');
  expect(createThemeStore(memory).store.getState().choice).toBe('dark');
  kept.set('fanout.theme', 'purple');
  expect(createThemeStore(memory).store.getState().choice).toBe('system');
});
