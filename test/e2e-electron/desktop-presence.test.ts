import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import type { PackageSummary } from '../../shared/contracts/console-api.ts';
import { consoleMenuPages } from '../../shared/contracts/console-pages.ts';
import { plainDeliverySpec } from '../../shared/contracts/deliveries-api.ts';
import { type DesktopPreferences, defaultDesktopPreferences } from '../../shared/contracts/desktop-preferences.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { openPage, signInWithPassword, waitForNotice } from '../e2e/flows/shell.ts';
import { electronExecutable } from '../support/executables.ts';
import type {} from '../support/test-globals.ts';
import {
  type DesktopApplication,
  desktopArguments,
  missingForWindows,
  newDataFolder,
  startDesktop,
} from './support/desktop-application.ts';
import {
  choicesOfMenu,
  chooseInMenu,
  chooseInTray,
  clickNotification,
  recorded,
  recordNativeUi,
} from './support/native-ui.ts';
import { descendantsOf, waitForEnd } from './support/processes.ts';

const agents = 12;

function clientOf(desktop: DesktopApplication): ConsoleClient {
  const text = readFileSync(path.join(desktop.dataFolder, 'server.json'), 'utf8');
  const { consoleUrl, apiToken } = serverFileSchema.parse(JSON.parse(text));
  return new ConsoleClient(consoleUrl, apiToken);
}

async function imported(desktop: DesktopApplication, name: string): Promise<PackageSummary> {
  const client = clientOf(desktop);
  const file = path.join(desktop.dataFolder, `${name}.bin`);
  writeFileSync(file, randomBytes(300_000));
  await client.call('startImport', { body: { path: file, name, version: '1.0' } });
  let found: PackageSummary | undefined;
  await expect
    .poll(async () => (found = (await client.call('packages', {})).find((stored) => stored.name === name)), {
      timeout: 30_000,
    })
    .toBeDefined();
  if (found === undefined) throw new Error(`${name} was not imported`);
  return found;
}

/** A second start with the same data: what the system does with a link. */
async function followLink(desktop: DesktopApplication, link: string): Promise<void> {
  const second = spawn(electronExecutable ?? '', desktopArguments(desktop.dataFolder, '--', link), { stdio: 'ignore' });
  await new Promise((resolve) => second.on('close', resolve));
}

describe.skipIf(missingForWindows !== null)(
  `the desktop application around its window (needs a window: ${missingForWindows ?? 'yes'})`,
  () => {
    let desktop: DesktopApplication;
    const backups = newDataFolder();
    const hash = () => new URL(desktop.page.url()).hash;

    beforeAll(async () => {
      const dataFolder = newDataFolder();
      mkdirSync(path.join(dataFolder, 'desktop'));
      const preferences = { ...defaultDesktopPreferences, theme: 'dark' };
      writeFileSync(path.join(dataFolder, 'desktop/preferences.json'), JSON.stringify(preferences));
      desktop = await startDesktop(dataFolder);
      desktop.page.setDefaultTimeout(20_000);
      await desktop.page.getByRole('navigation', { name: 'Console' }).waitFor();
      await recordNativeUi(desktop);
    });
    afterAll(async () => {
      await desktop?.dispose();
      rmSync(backups, { recursive: true, force: true });
    });

    it('begins in the colours that were chosen last, and takes the next choice over', async () => {
      const colours = () =>
        desktop.electron.evaluate(({ BrowserWindow, nativeTheme }) => ({
          window: BrowserWindow.getAllWindows()[0]?.getBackgroundColor().toLowerCase(),
          system: nativeTheme.themeSource,
        }));
      const page = () => desktop.page.evaluate(() => document.documentElement.style.colorScheme);
      expect(await colours()).toEqual({ window: '#1f1f1f', system: 'dark' });
      expect(await page()).toBe('dark');
      await desktop.page.getByRole('button', { name: 'Colour theme' }).click();
      await desktop.page.getByRole('menuitemradio', { name: 'Light' }).click();
      await expect.poll(colours).toEqual({ window: '#fafafa', system: 'light' });
      expect(await page()).toBe('light');
    });

    it('has every page of the navigation in its menu, and leads there', async () => {
      const links = await desktop.page.getByRole('navigation', { name: 'Console' }).getByRole('link').allInnerTexts();
      const menu = consoleMenuPages.map(({ label }) => label as string);
      expect([...menu, 'Desktop application', 'About'].sort()).toEqual(links.map((text) => text.trim()).sort());
      for (const { label } of consoleMenuPages.slice(0, 3)) {
        await chooseInMenu(desktop, 'Go', label);
        await desktop.page.getByRole('heading', { level: 1, name: label, exact: true }).waitFor();
      }
      await chooseInMenu(desktop, 'Help', 'About Fanout');
      await desktop.page.locator('dt', { hasText: 'Chromium' }).waitFor();
    });

    it('imports, delivers and backs up from its menu', async () => {
      await chooseInMenu(desktop, 'File', 'Import a Package…');
      const importing = desktop.page.getByRole('dialog', { name: 'Import a package' });
      await importing.getByRole('button', { name: 'Cancel' }).click();
      await chooseInMenu(desktop, 'File', 'New Delivery…');
      await desktop.page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      await desktop.electron.evaluate(({ dialog }, folder) => {
        dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder] });
      }, backups);
      await chooseInMenu(desktop, 'File', 'Back Up the Server…');
      const backup = desktop.page.getByRole('dialog', { name: 'Back up the server' });
      await backup.getByRole('button', { name: 'Choose a folder…' }).click();
      await backup.getByRole('button', { name: 'Back up', exact: true }).click();
      await waitForNotice(desktop.page, /The backup is complete: .* in .*fanout-backup-/);
    });

    it('asks about unsaved changes before its menu leads away', async () => {
      await openPage(desktop.page, 'agentPackage');
      await desktop.page.getByRole('form', { name: 'Agent package' }).getByRole('combobox').selectOption({ index: 0 });
      await chooseInMenu(desktop, 'File', 'Import a Package…');
      const question = desktop.page.getByRole('alertdialog');
      await question.getByRole('button', { name: /Stay|Keep/ }).click();
      expect(hash()).toBe('#/settings/agent-package');
      await desktop.page.getByRole('button', { name: 'Discard', exact: true }).click();
      await openPage(desktop.page, 'packages');
      expect(await desktop.page.getByRole('dialog').count()).toBe(0);
    });

    it('shows in the tray how the server does', async () => {
      await expect
        .poll(async () => (await recorded(desktop)).trayLines, { timeout: 60_000 })
        .toEqual([
          `${agents} of ${agents} agents online`,
          // The demo has deliveries of its own.
          expect.stringMatching(/^(No delivery is|1 delivery) running$/),
          expect.stringMatching(/^\d[\d.]* [kMG]?B saved today$/),
        ]);
      await desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
      await chooseInTray(desktop, 'Open Fanout');
      const isVisible = () =>
        desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible());
      await expect.poll(isVisible).toBe(true);
    });

    it('notifies of a delivery that has finished; a click opens it', async () => {
      const { guid, version } = await imported(desktop, 'Setup');
      const body = { guid, version, target: { kind: 'all' as const }, priority: 'normal' as const };
      const { id } = await clientOf(desktop).call('createDelivery', { body: { ...plainDeliverySpec, ...body } });
      await expect
        .poll(async () => (await recorded(desktop)).notifications, { timeout: 60_000 })
        .toContainEqual({ title: 'Setup 1.0 is delivered', body: `${agents} of ${agents} agents have it.` });
      await clickNotification(desktop, 'Setup 1.0 is delivered');
      await expect.poll(hash).toBe(`#/deliveries/${id}`);
    });

    it('keeps what is chosen under Preferences, and refuses what cannot be meant', async () => {
      await chooseInMenu(desktop, 'File', 'Preferences…');
      await desktop.page.getByRole('switch', { name: 'A delivery has finished' }).click();
      const share = desktop.page.getByLabel('Share of the agents');
      await share.fill('0');
      await desktop.page.getByText('Enter 1 to 100.').waitFor();
      await share.fill('90');
      const stored = () => JSON.parse(readFileSync(path.join(desktop.dataFolder, 'desktop/preferences.json'), 'utf8'));
      await expect.poll(stored).toMatchObject({ notifyOfFinishedDeliveries: false, penetrationPercent: 90 });
      await desktop.page.reload();
      await expect.poll(() => share.inputValue()).toBe('90');
      expect(await desktop.page.getByRole('switch', { name: 'A delivery has finished' }).isChecked()).toBe(false);
    });

    it('follows links to pages of the console, and refuses all others', async () => {
      const [agent] = await clientOf(desktop).call('agents', {});
      await followLink(desktop, `fanout://agents/${agent?.agentId}`);
      await expect.poll(hash).toBe(`#/agents/${agent?.agentId}`);
      await followLink(desktop, 'fanout://agents/a?token=b');
      await expect.poll(() => desktop.output()).toContain('A link was refused');
      expect(hash()).toBe(`#/agents/${agent?.agentId}`);
    });

    it('saves an export where the person says, and suggests its name', async () => {
      const file = path.join(desktop.dataFolder, 'saved.csv');
      await desktop.electron.evaluate(({ session }, target) => {
        session.defaultSession.once('will-download', (_event, item) => {
          const { defaultPath, filters } = item.getSaveDialogOptions();
          const saved = { defaultPath, extensions: filters?.[0]?.extensions ?? [], state: '' };
          globalThis.savedExport = saved;
          item.setSavePath(target); // in place of the person at the dialog
          item.once('done', (_done, state) => {
            saved.state = state;
          });
        });
      }, file);
      await openPage(desktop.page, 'agents');
      await desktop.page.getByRole('button', { name: 'Export CSV' }).click();
      const saved = () => desktop.electron.evaluate(() => globalThis.savedExport ?? {});
      await expect.poll(saved).toMatchObject({ state: 'completed', extensions: ['csv'] });
      expect(await saved()).toMatchObject({ defaultPath: expect.stringMatching(/agents.*\.csv$/i) });
      expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(agents);
    });

    it('offers whoever is signed in what they may do', async () => {
      const client = clientOf(desktop);
      const password = 'correct horse battery staple';
      await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
      await desktop.page.getByRole('button', { name: 'Local administrator' }).click();
      await desktop.page.getByRole('menuitem', { name: 'Sign out' }).click();
      await expect.poll(async () => (await choicesOfMenu(desktop))['Go › Agents']).toBe(false);
      expect((await choicesOfMenu(desktop))['Help › Documentation']).toBe(true);
      await signInWithPassword(desktop.page, client.consoleUrl, 'lee', password);
      await expect.poll(async () => (await choicesOfMenu(desktop))['Go › Agents']).toBe(true);
      expect(await choicesOfMenu(desktop)).toMatchObject({
        'File › Import a Package…': false,
        'File › New Delivery…': false,
        'File › Back Up the Server…': false,
        'File › Preferences…': true,
      });
    });

    it('comes back to the page after a crash, and asks when it crashes again', async () => {
      await recordNativeUi(desktop, 0);
      const crash = () =>
        desktop.electron.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
        );
      const shown = () =>
        desktop.electron.evaluate(({ BrowserWindow }) => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents;
          return contents?.executeJavaScript('location.hash + " " + document.querySelector("h1")?.textContent');
        });
      await chooseInMenu(desktop, 'Go', 'Audit trail');
      await desktop.page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor();
      for (const message of [
        'The console stopped working and was loaded again.',
        'The console stopped working again.',
      ]) {
        await crash();
        await expect
          .poll(async () => (await recorded(desktop)).dialogs.at(-1), { timeout: 30_000 })
          .toMatchObject({ message });
        await expect.poll(shown, { timeout: 30_000 }).toBe('#/audit Audit trail');
        await expect.poll(async () => (await choicesOfMenu(desktop))['Go › Agents']).toBe(true);
      }
    });

    it('asks whether to wait for a page that hangs, and loads it again where the person has had enough', async () => {
      await recordNativeUi(desktop, 'Load again');
      await desktop.electron.evaluate(({ BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]?.emit('unresponsive');
      });
      const asked = async () => (await recorded(desktop)).dialogs.map(({ message }) => message);
      await expect
        .poll(asked, { timeout: 30_000 })
        .toEqual(['The console does not answer.', 'The console stopped working again.']);
      await expect.poll(async () => (await choicesOfMenu(desktop))['Go › Agents'], { timeout: 30_000 }).toBe(true);
    });

    it('goes on or asks when its window is closed, as chosen, while a delivery is running', async () => {
      const close = () => desktop.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      const client = clientOf(desktop);
      const { guid, version } = await imported(desktop, 'Slow');
      const target = { kind: 'all' as const };
      const body = { ...plainDeliverySpec, guid, version, target, priority: 'normal' as const };
      const laterStages = [{ target, start: { kind: 'by-hand' as const } }];
      await client.call('createDelivery', { body: { ...body, laterStages } });
      await expect
        .poll(async () => (await recorded(desktop)).trayLines[1], { timeout: 30_000 })
        .toMatch(/^\d+ deliver(y|ies) running$/);
      // By the window itself: a crash took the hold that the test had of its page.
      const choose = (whenWindowCloses: DesktopPreferences['whenWindowCloses']) =>
        desktop.electron.evaluate(
          ({ BrowserWindow }, changes) =>
            BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
              `fanoutDesktop.changePreferences(${JSON.stringify(changes)})`,
            ),
          { whenWindowCloses },
        );
      await recordNativeUi(desktop, 1);
      await choose('keep-running');
      await close();
      expect((await recorded(desktop)).dialogs).toEqual([]);
      await choose('quit'); // which the page of a window that is gone could not
      await close();
      await expect.poll(async () => (await recorded(desktop)).dialogs).toMatchObject([{ message: 'Quit Fanout?' }]);
      const processes = [desktop.pid, ...descendantsOf(desktop.pid)];
      await recordNativeUi(desktop, 0);
      await close();
      await waitForEnd(processes);
    });
  },
);
