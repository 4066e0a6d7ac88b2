/**
 * Electron's security checklist (electronjs.org/docs/latest/tutorial/security), one row for each of its points, in its order. Each is
 * looked at in the started application, from the page's side where a page could try it.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../../build/bootstrap/checkout.mjs';
import { desktopChannels } from '../../shared/contracts/desktop-bridge.ts';
import { desktopCommandChannel } from '../../shared/contracts/desktop-channels.ts';
import type {} from '../support/test-globals.ts';
import { type DesktopApplication, missingForWindows, startDesktop } from './support/desktop-application.ts';
import { type ForeignSite, startForeignSite } from './support/foreign-site.ts';
import { recorded, recordNativeUi } from './support/native-ui.ts';
import { packageApplication } from './support/packaged-application.ts';

describe.skipIf(missingForWindows !== null)(
  `Electron's security checklist (needs a window: ${missingForWindows ?? 'yes'})`,
  () => {
    let desktop: DesktopApplication;
    let foreign: ForeignSite;
    let preferences: { readonly [name: string]: unknown };

    beforeAll(async () => {
      [desktop, foreign] = await Promise.all([startDesktop(), startForeignSite()]);
      await desktop.page.getByRole('navigation', { name: 'Console' }).waitFor();
      preferences = await desktop.electron.evaluate(({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows();
        if (window === undefined) throw new Error('no window');
        return window.webContents.getLastWebPreferences();
      });
    });
    afterAll(async () => {
      await desktop?.dispose();
      await foreign?.close();
    });

    /** Whatever the page set in motion has happened once a further request of it is answered. */
    const settled = () => desktop.page.evaluate(() => fetch('/api/v1/session').then((answer) => answer.status));
    const switchOf = (name: string) =>
      desktop.electron.evaluate(({ app }, wanted) => app.commandLine.hasSwitch(wanted), name);

    it('1. only loads secure content: its own server on this computer', async () => {
      const seen = await desktop.page.evaluate(() => ({
        origins: [...new Set(performance.getEntriesByType('resource').map(({ name }) => new URL(name).origin))],
        own: location.origin,
        isSecure: window.isSecureContext,
      }));
      expect(seen.own).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(seen).toMatchObject({ origins: [seen.own], isSecure: true });
      const outcome = await desktop.page.evaluate(
        (url) =>
          fetch(url, { mode: 'no-cors' }).then(
            () => 'loaded',
            () => 'refused',
          ),
        foreign.origin,
      );
      expect([outcome, foreign.requests]).toEqual(['refused', []]);
    });

    it('2. gives pages no Node', async () => {
      const names = ['require', 'process', 'module', 'Buffer', 'global', '__dirname'];
      expect(await desktop.page.evaluate((wanted) => wanted.filter((name) => name in window), names)).toEqual([]);
      expect(preferences.nodeIntegration).toBe(false);
      expect(preferences.nodeIntegrationInWorker).not.toBe(true);
      expect(preferences.nodeIntegrationInSubFrames).not.toBe(true);
    });

    it('3. keeps the preload script in a context of its own', async () => {
      await desktop.page.evaluate(() => Object.assign(window, { ofThePage: true }));
      const preloadWorld = 999; // Electron's number for it
      const seen = await desktop.electron.evaluate(
        ({ BrowserWindow }, world) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScriptInIsolatedWorld(world, [
            { code: 'typeof window.ofThePage + " " + typeof window.fanoutDesktop' },
          ]),
        preloadWorld,
      );
      expect(seen).toBe('undefined undefined');
      expect(preferences.contextIsolation).toBe(true);
    });

    it('4. sandboxes the processes of pages', async () => {
      expect(preferences.sandbox).toBe(true);
      // As root Chromium's sandbox cannot start, and whoever starts it says so.
      expect(await switchOf('no-sandbox')).toBe(process.getuid?.() === 0);
    });

    it('5. answers requests for permissions, with no', async () => {
      const names = [
        'geolocation',
        'notifications',
        'camera',
        'microphone',
        'midi',
        'clipboard-read',
        'storage-access',
      ];
      const states = await desktop.page.evaluate(
        (wanted) =>
          Promise.all(
            wanted.map((name) =>
              navigator.permissions.query({ name: name as PermissionName }).then(({ state }) => state),
            ),
          ),
        names,
      );
      expect(states.filter((state) => state === 'granted')).toEqual([]);
      expect(await desktop.page.evaluate(() => Notification.requestPermission())).toBe('denied');
    });

    it('6. keeps web security on', async () => {
      expect(preferences.webSecurity).toBe(true);
      expect(await switchOf('disable-web-security')).toBe(false);
    });

    it('7. has a Content-Security-Policy that lets only its own scripts run', async () => {
      const policy = await desktop.page.evaluate(() =>
        fetch('/').then((answer) => answer.headers.get('content-security-policy')),
      );
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      const ran = await desktop.page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.inlineRan = true';
        document.body.append(script);
        return 'inlineRan' in window;
      });
      expect(ran).toBe(false);
    });

    it('8. lets no page of https load http', () => {
      expect(preferences.allowRunningInsecureContent).toBe(false);
    });

    it('9. switches no experimental features on', async () => {
      expect(preferences.experimentalFeatures ?? false).toBe(false);
      expect(await switchOf('enable-experimental-web-platform-features')).toBe(false);
    });

    it('10. switches no features of Blink on', async () => {
      expect(preferences.enableBlinkFeatures ?? '').toBe('');
      expect(await switchOf('enable-blink-features')).toBe(false);
    });

    it('11. and 12. attaches no <webview>, whatever it asks for', async () => {
      expect(preferences.webviewTag).toBe(false);
      await desktop.page.evaluate((url) => {
        document.body.insertAdjacentHTML('beforeend', `<webview src="${url}" allowpopups nodeintegration></webview>`);
      }, foreign.origin);
      // Not even where a window would have them.
      const asked = await desktop.electron.evaluate(async ({ BrowserWindow }, url) => {
        const window = new BrowserWindow({ show: false, webPreferences: { webviewTag: true, partition: 'elsewhere' } });
        const attaching = new Promise((resolve) => window.webContents.once('will-attach-webview', resolve));
        const attached = new Promise((resolve) =>
          window.webContents.once('did-attach-webview', () => resolve('attached')),
        );
        await window.loadURL(`data:text/html,<webview src="${url}" allowpopups></webview>`);
        await attaching;
        const outcome = await Promise.race([attached, window.webContents.executeJavaScript('"not attached"')]);
        window.destroy();
        return outcome;
      }, foreign.origin);
      await settled();
      expect([asked, foreign.requests]).toEqual(['not attached', []]);
    });

    it('13. limits navigation to its own origin', async () => {
      const before = desktop.page.url();
      for (const url of [foreign.origin, 'file:///etc/passwd', 'data:text/html,x', 'javascript:document.title="x"']) {
        await desktop.page.evaluate((target) => location.assign(target), url);
      }
      await settled();
      expect([desktop.page.url(), foreign.requests]).toEqual([before, []]);
    });

    it('14. opens no windows', async () => {
      const urls = [
        foreign.origin,
        `${new URL(desktop.page.url()).origin}/#/agents`,
        'about:blank',
        'file:///etc/passwd',
      ];
      const opened = await desktop.page.evaluate((wanted) => wanted.map((url) => window.open(url)), urls);
      expect(opened).toEqual(urls.map(() => null));
      expect(desktop.electron.windows()).toHaveLength(1);
    });

    it('15. hands nothing to the system but https addresses that a person has agreed to', async () => {
      await recordNativeUi(desktop, 1); // Cancel
      await desktop.electron.evaluate(({ shell }) => {
        globalThis.handedOverUrls = [];
        shell.openExternal = async (url) => void globalThis.handedOverUrls.push(url);
      });
      const handedOver = () => desktop.electron.evaluate(() => globalThis.handedOverUrls);
      const bad = [
        'file:///bin/sh',
        'javascript:alert(1)',
        'ms-msdt:/id',
        'smb://host/share',
        'http://a.invalid/',
        'x:y',
      ];
      await desktop.page.evaluate((urls) => urls.map((url) => window.open(url)), [...bad, 'https://u:p@a.invalid/']);
      await settled();
      expect((await recorded(desktop)).dialogs).toEqual([]);
      await desktop.page.evaluate(() => window.open('https://a.invalid/help'));
      await expect
        .poll(async () => (await recorded(desktop)).dialogs)
        .toMatchObject([{ detail: 'https://a.invalid/help' }]);
      expect(await handedOver()).toEqual([]);
    });

    it('16. is made with one exact release of Electron, newer than the oldest that works', () => {
      const { devDependencies } = readJson('package.json');
      expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/);
      expect(readJson('node_modules/electron/package.json').version).toBe(devDependencies.electron);
      const oldest = Number(devDependencies['electron-oldest'].split('@').at(-1).split('.')[0]);
      expect(Number(devDependencies.electron.split('.')[0])).toBeGreaterThan(oldest);
    });

    it('17. asks of every message who has sent it', async () => {
      const channels = Object.values(desktopChannels).map(({ channel }) => channel);
      const preload = path.join(desktop.dataFolder, 'asking-preload.cjs');
      writeFileSync(
        preload,
        `const { contextBridge, ipcRenderer } = require('electron');
         contextBridge.exposeInMainWorld('ask', (channel) => ipcRenderer.invoke(channel).then(() => 'answered', String));`,
      );
      const answers = await desktop.electron.evaluate(
        async ({ BrowserWindow }, { url, preload, channels }) => {
          const webPreferences = { preload, sandbox: true, partition: 'elsewhere' };
          const window = new BrowserWindow({ show: false, webPreferences });
          await window.loadURL(url);
          const asked = `Promise.all(${JSON.stringify(channels)}.map((channel) => window.ask(channel)))`;
          const heard: string[] = await window.webContents.executeJavaScript(asked);
          window.destroy();
          return heard;
        },
        { url: foreign.origin, preload, channels },
      );
      expect(answers).toHaveLength(channels.length);
      for (const answer of answers) expect(answer).toContain('Only the console may ask this');
    });

    it('18. uses no file: addresses, and lets no page read any', async () => {
      expect(new URL(desktop.page.url()).protocol).toBe('http:');
      const read = await desktop.page.evaluate(() =>
        fetch('file:///etc/hostname').then(
          () => 'read',
          () => 'refused',
        ),
      );
      expect(read).toBe('refused');
    });

    it.skipIf(process.platform !== 'linux')('19. has its fuses set where it is packaged', async () => {
      const wire = await getCurrentFuseWire(packageApplication().executable);
      expect({
        runAsNode: wire[FuseV1Options.RunAsNode],
        cookieEncryption: wire[FuseV1Options.EnableCookieEncryption],
        nodeOptions: wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
        inspect: wire[FuseV1Options.EnableNodeCliInspectArguments],
        integrity: wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
        onlyAsar: wire[FuseV1Options.OnlyLoadAppFromAsar],
        filePrivileges: wire[FuseV1Options.GrantFileProtocolExtraPrivileges],
      }).toEqual({
        runAsNode: FuseState.DISABLE,
        cookieEncryption: FuseState.ENABLE,
        nodeOptions: FuseState.DISABLE,
        inspect: FuseState.DISABLE,
        integrity: FuseState.ENABLE,
        onlyAsar: FuseState.ENABLE,
        filePrivileges: FuseState.DISABLE,
      });
    });

    it('20. hands pages functions with plain values, and nothing of Electron', async () => {
      const bridge = await desktop.page.evaluate(() =>
        Object.entries(window.fanoutDesktop ?? {}).map(([name, value]) => [name, typeof value]),
      );
      expect(Object.fromEntries(bridge)).toEqual(
        Object.fromEntries(
          [...Object.keys(desktopChannels), 'onCommand', 'pathOfDroppedFile'].map((name) => [name, 'function']),
        ),
      );
      await desktop.page.evaluate(() => {
        window.fanoutDesktop?.onCommand((...heard: unknown[]) => {
          window.heardCommands = heard;
        });
      });
      const command = { kind: 'open', path: '/agents' };
      await desktop.electron.evaluate(
        ({ BrowserWindow }, { channel, command }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.send(channel, command),
        { channel: desktopCommandChannel, command },
      );
      const heard = () => desktop.page.evaluate(() => window.heardCommands ?? []);
      await expect.poll(heard).toEqual([command]);
    });
  },
);
