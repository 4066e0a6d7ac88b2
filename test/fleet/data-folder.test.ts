import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { defaultDataFolder, emptyDataFolder, takeDataFolder } from '../../electron/fleet/data-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is the user data folder of each system', () => {
  expect(defaultDataFolder('linux', {}, '/home/ann')).toBe('/home/ann/.config/fanout');
  expect(defaultDataFolder('linux', { XDG_CONFIG_HOME: '/x' }, '/home/ann')).toBe('/x/fanout');
  expect(defaultDataFolder('darwin', {}, '/Users/ann')).toBe('/Users/ann/Library/Application Support/fanout');
  expect(defaultDataFolder('win32', { APPDATA: 'C:\\R' }, 'C:\\Users\\ann')).toBe('C:\\R\\fanout');
});

it('empties a folder that Fanout took', async () => {
  await takeDataFolder(folder);
  mkdirSync(path.join(folder, 'packages'));
  writeFileSync(path.join(folder, 'packages', 'block'), 'x');
  await emptyDataFolder(folder);
  expect(readdirSync(folder)).toEqual([]);
});

it('never empties a folder of somebody else', async () => {
  writeFileSync(path.join(folder, 'thesis.txt'), 'years of work');
  await expect(emptyDataFolder(folder)).rejects.toThrow("something else than Fanout's data");
  expect(readdirSync(folder)).toEqual(['thesis.txt']);
});

it('has nothing to do where there is no folder yet', async () => {
  await expect(emptyDataFolder(path.join(folder, 'missing'))).resolves.toBeUndefined();
});
