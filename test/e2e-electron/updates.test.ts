import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import { serverFileSchema } from '../../shared/contracts/server-file.ts';
import { signInWithPassword } from '../e2e/flows/shell.ts';
import type {} from '../support/test-globals.ts';
import { type DesktopApplication, missingForWindows, startDesktop } from './support/desktop-application.ts';
import { descendantsOf, waitForEnd } from './support/processes.ts';
import { startUpdateFeed, type UpdateFeed } from './support/update-feed.ts';

describe.skipIf(missingForWindows !== null || process.platform !== 'linux')(
  `updates of the desktop application (needs a window on Linux: ${missingForWindows ?? 'yes'})`,
  () => {
    let desktop: DesktopApplication;
    let feed: UpdateFeed;
    const scratch = mkdtempSync(path.join(tmpdir(), 'fanout-updates-'));
    /** What was started from an AppImage replaces that file. */
    const installed = path.join(scratch, 'Fanout.AppImage');
    const marker = path.join(scratch, 'started');
    const successor = `#!/bin/sh\necho started > '${marker}'\n`;

    beforeAll(async () => {
      writeFileSync(installed, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      feed = await startUpdateFeed();
      vi.stubEnv('APPIMAGE', installed);
      vi.stubEnv('XDG_CACHE_HOME', path.join(scratch, 'cache'));
      desktop = await startDesktop();
      vi.unstubAllEnvs();
      desktop.page.setDefaultTimeout(20_000);
      await desktop.page.getByRole('navigation', { name: 'Console' }).waitFor();
      await openUpdates();
    });
    afterAll(async () => {
      await desktop?.dispose();
      await feed?.close();
      rmSync(scratch, { recursive: true, force: true });
    });

    const section = () => desktop.page.getByRole('region', { name: 'Updates' });
    const state = () => section().getByRole('status').innerText();

    async function openUpdates(): Promise<void> {
      await desktop.page.getByRole('link', { name: 'Desktop application' }).click();
      await section().waitFor();
    }

    async function setFeed(url: string): Promise<void> {
      await section().getByLabel('Address of the update feed').fill(url);
      await section().getByRole('button', { name: 'Save' }).click();
    }

    async function look(): Promise<void> {
      await section().getByRole('button', { name: 'Look for a new version' }).click();
    }

    it('are off, and ask nobody anything', async () => {
      expect(await state()).toBe('No update feed is set.');
      expect(await section().getByRole('button', { name: 'Look for a new version' }).count()).toBe(0);
      await setFeed('http://updates.example/');
      await section().getByText('Enter an address that begins with https://').waitFor();
      await setFeed(feed.url);
      await expect.poll(state).toBe('Nobody has looked for a new version since the start.');
      expect(feed.requests).toEqual([]);
    });

    it('say in words why there is none', async () => {
      await look();
      await expect.poll(state).toBe(`There is no update feed at ${feed.url} (no file such as latest-linux.yml).`);
      feed.offer({ version: '0.0.1', content: successor });
      await look();
      await expect.poll(state).toBe('This is the newest version.');
      await setFeed('http://127.0.0.1:9/fanout');
      await expect.poll(state).toContain('Nobody has looked');
      await look();
      await expect.poll(state).toBe('The update feed at http://127.0.0.1:9/fanout cannot be reached.');
      await setFeed(feed.url);
    });

    it('throw a file away that is not the announced one', async () => {
      feed.offer({ version: '9.9.9', content: successor, sentContent: successor.replace('echo', 'evil') });
      await look();
      await expect.poll(state).toBe('Fanout 9.9.9 is there.');
      await section().getByRole('button', { name: 'Download 9.9.9' }).click();
      await expect.poll(state).toMatch(/^The file that was downloaded is not the one that the feed names/);
      expect(readFileSync(installed, 'utf8')).not.toContain('evil');
    });

    it('are for administrators only, whatever the page asks for', async () => {
      const text = readFileSync(path.join(desktop.dataFolder, 'server.json'), 'utf8');
      const { consoleUrl, apiToken } = serverFileSchema.parse(JSON.parse(text));
      const password = 'correct horse battery staple';
      const client = new ConsoleClient(consoleUrl, apiToken);
      await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
      await client.call('createAccount', { body: { name: 'ada', role: 'administrator', password } });
      const leave = async (name: string) => {
        await desktop.page.getByRole('button', { name }).click();
        await desktop.page.getByRole('menuitem', { name: 'Sign out' }).click();
      };
      await leave('Local administrator');
      await signInWithPassword(desktop.page, consoleUrl, 'lee', password);
      await openUpdates();
      await section().getByText('Administrators update Fanout.').waitFor();
      const refusals = await desktop.page.evaluate(async () => {
        const { fanoutDesktop } = window;
        if (fanoutDesktop === undefined) throw new Error('the page has no bridge');
        const asked = [
          fanoutDesktop.update('check'),
          fanoutDesktop.update('install'),
          fanoutDesktop.changePreferences({ updateFeedUrl: 'https://elsewhere.invalid/' }),
        ];
        return (await Promise.allSettled(asked)).map(
          (outcome) => outcome.status === 'rejected' && String(outcome.reason),
        );
      });
      for (const refusal of refusals) expect(refusal).toContain('Only an administrator may do this');
      await leave('lee');
      await signInWithPassword(desktop.page, consoleUrl, 'ada', password);
      await openUpdates();
    });

    it('replace the application and start the new one when an administrator says so', async () => {
      feed.offer({ version: '9.9.9', content: successor });
      await look();
      await section().getByRole('button', { name: 'Download 9.9.9' }).click();
      await expect.poll(state).toBe('Fanout 9.9.9 is downloaded and checked.');
      expect(readFileSync(installed, 'utf8')).not.toBe(successor);
      const processes = [desktop.pid, ...descendantsOf(desktop.pid)];
      await section().getByRole('button', { name: 'Install and start again…' }).click();
      const question = desktop.page.getByRole('alertdialog', { name: 'Install Fanout 9.9.9?' });
      await question.getByRole('button', { name: 'Install and start again' }).click();
      await waitForEnd(processes);
      await expect.poll(() => existsSync(marker)).toBe(true);
      expect(readFileSync(installed, 'utf8')).toBe(successor);
    });
  },
);
