import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PreferenceFile } from '../../electron/main/desktop-preferences.ts';
import { defaultDesktopPreferences } from '../../shared/contracts/desktop-preferences.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-preferences-'));
  file = path.join(folder, 'preferences.json');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('begins with the defaults, keeps what is chosen, and tells of it', () => {
  const preferences = new PreferenceFile(file);
  expect(preferences.current).toEqual(defaultDesktopPreferences);
  const heard: string[] = [];
  preferences.onChange(({ theme }) => heard.push(theme));
  preferences.change({ theme: 'dark', penetrationPercent: 90, notifyOfAlerts: undefined });
  const wanted = { ...defaultDesktopPreferences, theme: 'dark', penetrationPercent: 90 };
  expect(preferences.current).toEqual(wanted);
  expect(heard).toEqual(['dark']);
  expect(new PreferenceFile(file).current).toEqual(wanted);
});

it('leaves aside one choice that it does not know, and not the others', () => {
  writeFileSync(file, JSON.stringify({ theme: 'sepia', penetrationPercent: 50, whatComesLater: true }));
  expect(new PreferenceFile(file).current).toEqual({ ...defaultDesktopPreferences, penetrationPercent: 50 });
});

it.each(['', '{"theme":', 'null', '[]', '7'])('takes the file %j for one without choices', (text) => {
  const complained = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  writeFileSync(file, text);
  expect(new PreferenceFile(file).current).toEqual(defaultDesktopPreferences);
  complained.mockRestore();
});

it('changes nothing where the file cannot be written', () => {
  const preferences = new PreferenceFile(path.join(folder, 'gone', 'preferences.json'));
  expect(() => preferences.change({ theme: 'dark' })).toThrow(/ENOENT/);
  expect(preferences.current).toEqual(defaultDesktopPreferences);
});
