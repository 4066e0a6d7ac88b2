import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPeerDownloading, readBlockMap, waitForOnlineAgents } from '../e2e/flows/agents.ts';
import { deliverToAll, importPackage, waitForReady } from '../e2e/flows/packages.ts';
import { messageOfSetting, openPolicy, openTab, save, saveButton, typeSetting } from '../e2e/flows/settings.ts';
import { openPage, pageTitles, waitForTile } from '../e2e/flows/shell.ts';
import { type DesktopApplication, missingForWindows, startDesktop } from './support/desktop-application.ts';

const demoAgents = ['a', 'b', 'c'].flatMap((subnet) => [1, 2, 3, 4].map((number) => `${subnet}-0${number}`));
const packageBlocks = 4;
const blockBytes = 2 * 1024 * 1024;

/** What a person does in the browser, done in the desktop window: the demo fleet in place of a test fleet. */
describe.skipIf(missingForWindows !== null)(
  `the console in the desktop window (needs a window: ${missingForWindows ?? 'yes'})`,
  () => {
    let desktop: DesktopApplication;
    /** What the page complained of; a console that works complains of nothing. */
    const complaints: string[] = [];

    beforeAll(async () => {
      desktop = await startDesktop();
      desktop.page.on('pageerror', (error) => complaints.push(error.message));
      desktop.page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      desktop.page.setDefaultTimeout(20_000);
      await desktop.page.getByRole('navigation', { name: 'Console' }).waitFor();
    });
    afterAll(async () => {
      await desktop?.dispose();
    });

    it('is signed in without a question, and keeps no token in its address', () => {
      expect(new URL(desktop.page.url()).hash).toBe('#/overview');
    });

    it('shows the demo fleet coming online', async () => {
      await waitForOnlineAgents(desktop.page, demoAgents);
      await openPage(desktop.page, 'overview');
      await waitForTile(desktop.page, 'Agents online', '12', 20_000);
    });

    it('opens every page', async () => {
      for (const name of Object.keys(pageTitles) as (keyof typeof pageTitles)[]) await openPage(desktop.page, name);
    });

    it("saves a setting of the demo fleet's policy, after refusing one that is not allowed", async () => {
      await openPage(desktop.page, 'settings');
      await openPolicy(desktop.page, 'Demo fleet');
      await openTab(desktop.page, 'Downloads');
      await typeSetting(desktop.page, 'maxUpload', '-1');
      expect(await messageOfSetting(desktop.page, 'maxUpload')).not.toBe('');
      expect(await saveButton(desktop.page).isDisabled()).toBe(true);
      await typeSetting(desktop.page, 'maxUpload', '50000');
      await save(desktop.page);
    });

    it('imports a real file and delivers it to all agents', async () => {
      const file = path.join(desktop.dataFolder, 'setup.bin');
      writeFileSync(file, randomBytes(packageBlocks * blockBytes));
      await importPackage(desktop.page, { path: file, name: 'Setup', version: '2.1' });
      await deliverToAll(desktop.page, 'Setup');
      await waitForReady(desktop.page, 'Setup', demoAgents.length, 70_000);
    });

    it("takes the path of a package from the system's own dialog", async () => {
      const chosen = path.join(desktop.dataFolder, 'setup.bin');
      await desktop.electron.evaluate(({ dialog }, filePath) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [filePath] });
      }, chosen);
      await openPage(desktop.page, 'packages');
      await desktop.page.getByRole('button', { name: 'Import package' }).click();
      const importDialog = desktop.page.getByRole('dialog', { name: 'Import a package' });
      await importDialog.getByRole('button', { name: 'Choose a file…' }).click();
      await expect.poll(() => importDialog.getByLabel('Path').inputValue()).toBe(chosen);
      await importDialog.getByRole('button', { name: 'Cancel' }).click();
    });

    it('shows the blocks of a package on the Peer Downloading page of an agent', async () => {
      await openPeerDownloading(desktop.page, 'a-01');
      const blocks = await readBlockMap(desktop.page, 'Setup 2.1');
      expect(blocks).toMatchObject({ verified: packageBlocks, all: packageBlocks });
    });

    it('follows the system between light and dark', async () => {
      const scheme = () => desktop.page.evaluate(() => document.documentElement.style.colorScheme);
      for (const wanted of ['dark', 'light'] as const) {
        await desktop.electron.evaluate(({ nativeTheme }, source) => {
          nativeTheme.themeSource = source;
        }, wanted);
        await expect.poll(scheme).toBe(wanted);
      }
    });

    it('complained of nothing meanwhile', () => {
      expect(complaints).toEqual([]);
    });
  },
);
