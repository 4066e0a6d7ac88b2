import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPeerDownloading, readBlockMap, waitForOnlineAgents } from '../e2e/flows/agents.ts';
import { deliverToAll, importPackage, packageRow, waitForReady } from '../e2e/flows/packages.ts';
import {
  messageOfSetting,
  openPolicy,
  openTab,
  save,
  saveButton,
  settingRow,
  typeSetting,
} from '../e2e/flows/settings.ts';
import { openPage, pageTitles, signInWithPassword, waitForNotice, waitForTile } from '../e2e/flows/shell.ts';
import { type DesktopApplication, missingForWindows, startDesktop } from './support/desktop-application.ts';

const demoAgents = ['a', 'b', 'c'].flatMap((subnet) => [1, 2, 3, 4].map((number) => `${subnet}-0${number}`));
const packageBlocks = 4;
const blockBytes = 2 * 1024 * 1024;

const answer = (page: Page) => page.getByRole('note', { name: 'The answer in one sentence' });

async function savePeerDownloading(page: Page, isOn: boolean): Promise<void> {
  await openPage(page, 'settings');
  await openPolicy(page, 'Demo fleet');
  await openTab(page, 'Downloads');
  await settingRow(page, 'peerDownloading').getByRole('switch').setChecked(isOn);
  await save(page);
}

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
        // The browser itself reports each answer with a refusal: who has just signed out, gets one.
        const isRefusal = /the server responded with a status of 401/.test(message.text());
        if ((message.type() === 'error' || message.type() === 'warning') && !isRefusal) complaints.push(message.text());
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

    it('tells the story of the guided demo over the fleet that runs', async () => {
      const { page } = desktop;
      await openPage(page, 'fleet');
      const demo = page.getByRole('region', { name: 'Guided demo' });
      const told = demo.getByRole('status');
      await told.getByText(/^12 of 12 agents run in 3 subnets/).waitFor();
      await demo.getByRole('button', { name: 'One copy over each link' }).click();
      await told.getByText(/^Demo package 1\.0, .*: \d+ of 12 agents have it\./).waitFor();
      await demo.getByRole('table', { name: 'What crossed the WAN links' }).getByRole('row').nth(3).waitFor();
    });

    it('shows the fleet following a saved policy, as the agents themselves tell', async () => {
      await savePeerDownloading(desktop.page, false);
      await openPeerDownloading(desktop.page, 'b-02');
      await answer(desktop.page)
        .getByText(/Peer downloading is off/)
        .waitFor();
    });

    it('tells why an agent took a package from the server', async () => {
      const file = path.join(desktop.dataFolder, 'direct.bin');
      writeFileSync(file, randomBytes(blockBytes));
      await importPackage(desktop.page, { path: file, name: 'Direct', version: '1.0' });
      await deliverToAll(desktop.page, 'Direct');
      await waitForReady(desktop.page, 'Direct', demoAgents.length, 70_000);
      await openPeerDownloading(desktop.page, 'b-02');
      const why = desktop.page.getByRole('region', { name: 'Direct 1.0' }).getByRole('row', { name: /100 %/ });
      await why.getByText('Peer downloading is off').waitFor();
      await desktop.page
        .getByRole('grid', { name: 'Decision journal' })
        .getByText('Downloads from the server, because the policy does not allow downloads from peers.')
        .first()
        .waitFor();
      await savePeerDownloading(desktop.page, true);
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

    it('lets helpdesk sign in, look at everything, and do what it may', async () => {
      const { page } = desktop;
      const password = 'correct horse battery staple';
      await openPage(page, 'accounts');
      await page.getByRole('button', { name: 'Add account' }).click();
      const dialog = page.getByRole('dialog', { name: 'Add an account' });
      await dialog.getByLabel('Name').fill('kim');
      await dialog.getByLabel('First password').fill(password);
      await dialog.getByRole('button', { name: 'Add account' }).click();
      await waitForNotice(page, 'kim can sign in now.');
      await page.getByRole('button', { name: 'Local administrator' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await signInWithPassword(page, new URL(page.url()).origin, 'kim', password);
      await openPage(page, 'packages');
      await packageRow(page, 'Setup').waitFor();
      expect(await packageRow(page, 'Setup').getByRole('button').count()).toBe(0);
      expect(await page.getByRole('button', { name: 'Import package' }).count()).toBe(0);
      await openPeerDownloading(page, 'a-01');
      await page.getByRole('button', { name: 'Report now' }).click();
      await waitForNotice(page, 'a-01 was asked to report now.');
    });

    it('complained of nothing meanwhile', () => {
      expect(complaints).toEqual([]);
    });
  },
);
