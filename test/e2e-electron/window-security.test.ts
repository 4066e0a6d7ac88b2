import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportKind } from '../../shared/contracts/desktop-bridge.ts';
import { consoleOriginArgument } from '../../shared/contracts/desktop-channels.ts';
import { root } from '../support/executables.ts';
import type {} from '../support/test-globals.ts';
import { type DesktopApplication, missingForWindows, startDesktop } from './support/desktop-application.ts';
import { type ForeignSite, startForeignSite } from './support/foreign-site.ts';

describe.skipIf(missingForWindows !== null)(
  `the desktop window (needs a window: ${missingForWindows ?? 'yes'})`,
  () => {
    let desktop: DesktopApplication;
    let foreign: ForeignSite;
    let consoleUrl: string;

    beforeAll(async () => {
      [desktop, foreign] = await Promise.all([startDesktop(), startForeignSite()]);
      await desktop.page.getByRole('navigation').first().waitFor();
      consoleUrl = desktop.page.url();
    });
    afterAll(async () => {
      await desktop?.dispose();
      await foreign?.close();
    });

    /** Stands in for the person at the system's dialogs, and remembers what they were asked. */
    async function answerDialogs(response: number, filePaths: string[] = []): Promise<void> {
      await desktop.electron.evaluate(
        ({ dialog, shell }, answer) => {
          const asked: unknown[] = [];
          globalThis.askedOfPerson = asked;
          const remember = (...question: unknown[]) => asked.push(question.at(-1));
          dialog.showMessageBox = async (...question: unknown[]) => {
            remember(...question);
            return { response: answer.response, checkboxChecked: false };
          };
          dialog.showOpenDialog = async (...question: unknown[]) => {
            remember(...question);
            return { canceled: answer.filePaths.length === 0, filePaths: answer.filePaths };
          };
          shell.openExternal = async (url: string) => void remember({ opened: url });
        },
        { response, filePaths },
      );
    }

    function questions(): Promise<unknown[]> {
      return desktop.electron.evaluate(() => globalThis.askedOfPerson);
    }

    it('shows the console and nothing else', () => {
      expect(consoleUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
      expect(desktop.electron.windows()).toHaveLength(1);
    });

    it('offers https links to the system browser, naming the address, and opens them only after a yes', async () => {
      const url = 'https://fanout.invalid/help';
      await answerDialogs(1);
      await desktop.page.evaluate((address) => window.open(address), url);
      await expect.poll(questions, { timeout: 30_000 }).toMatchObject([{ detail: url }]);
      await answerDialogs(0);
      await desktop.page.evaluate((address) => window.open(address), url);
      await expect.poll(questions, { timeout: 30_000 }).toMatchObject([{ detail: url }, { opened: url }]);
    });

    it('goes nowhere else', async () => {
      await desktop.page.evaluate((url) => location.assign(url), foreign.origin);
      await desktop.page.evaluate((url) => {
        const frame = document.createElement('iframe');
        frame.src = url;
        document.body.append(frame);
        const view = document.createElement('webview');
        view.setAttribute('src', url);
        document.body.append(view);
      }, foreign.origin);
      // Whatever was going to happen has happened once a further request of the same page is answered.
      await desktop.page.evaluate(() => fetch('/api/v1/session').then((answer) => answer.status));
      expect(desktop.page.url()).toBe(consoleUrl);
      expect(foreign.requests).toEqual([]);
    });

    it('fetches nothing from elsewhere', async () => {
      const outcome = await desktop.page.evaluate(async (url) => {
        const fetched = await fetch(url, { mode: 'no-cors' }).then(
          () => 'fetched',
          () => 'refused',
        );
        const connected = await new Promise((resolve) => {
          const socket = new WebSocket(url.replace('http', 'ws'));
          socket.onopen = () => resolve('connected');
          socket.onerror = () => resolve('refused');
        });
        return [fetched, connected];
      }, foreign.origin);
      expect(outcome).toEqual(['refused', 'refused']);
      expect(foreign.requests).toEqual([]);
    });

    it('gets no permission', async () => {
      const states = await desktop.page.evaluate(async () => {
        const media = navigator.mediaDevices?.getUserMedia({ audio: true });
        const position = new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('told'),
            () => resolve('denied'),
          ),
        );
        return {
          notifications: await Notification.requestPermission(),
          geolocation: await position,
          media: await Promise.resolve(media).then(
            (stream) => (stream === undefined ? 'denied' : 'granted'),
            () => 'denied',
          ),
          clipboardRead: await navigator.clipboard.readText().then(
            () => 'read',
            () => 'denied',
          ),
        };
      });
      expect(states).toEqual({
        notifications: 'denied',
        geolocation: 'denied',
        media: 'denied',
        clipboardRead: 'denied',
      });
    });

    it("passes the person's choice of a file on, and refuses what is not in the contract", async () => {
      await answerDialogs(0, ['/srv/packages/setup.exe']);
      const choose = (kind: string) =>
        desktop.page.evaluate((wanted) => window.fanoutDesktop?.chooseImportPath(wanted as ImportKind), kind);
      expect(await choose('file')).toBe('/srv/packages/setup.exe');
      expect(await questions()).toMatchObject([{ properties: ['openFile'] }]);
      await answerDialogs(0);
      expect(await choose('folder')).toBeNull();
      expect(await questions()).toMatchObject([{ properties: ['openDirectory'] }]);
      await expect(choose('drive')).rejects.toThrow();
    });

    it('gives pages of other origins no bridge, and answers none of their calls', async () => {
      const callingPreload = path.join(desktop.dataFolder, 'calling-preload.cjs');
      writeFileSync(
        callingPreload,
        `const { contextBridge, ipcRenderer } = require('electron');
       contextBridge.exposeInMainWorld('call', () => ipcRenderer.invoke('fanout:describe').then(JSON.stringify, String));`,
      );
      const seen = await desktop.electron.evaluate(
        async ({ BrowserWindow }, { url, ownPreload, otherPreload, additionalArguments }) => {
          const look = async (preload: string, script: string): Promise<string> => {
            // A session of its own, because the console's own would not even load the page.
            const webPreferences = { preload, additionalArguments, sandbox: true, partition: 'elsewhere' };
            const window = new BrowserWindow({ show: false, webPreferences });
            await window.loadURL(url);
            const answer = await window.webContents.executeJavaScript(script);
            window.destroy();
            return answer;
          };
          return {
            bridge: await look(ownPreload, 'typeof window.fanoutDesktop'),
            call: await look(otherPreload, 'window.call()'),
          };
        },
        {
          url: foreign.origin,
          ownPreload: path.join(root, 'dist/preload/preload.cjs'),
          otherPreload: callingPreload,
          additionalArguments: [consoleOriginArgument + new URL(consoleUrl).origin],
        },
      );
      expect(seen.bridge).toBe('undefined');
      expect(seen.call).toContain('Only the console may ask this');
    });

    it('loads a page that crashed again, and says so', async () => {
      // Exactly this window: those of the test before may still be listed while they close.
      const window = await desktop.electron.browserWindow(desktop.page);
      await answerDialogs(0);
      await window.evaluate(({ webContents }) => webContents.forcefullyCrashRenderer());
      await expect
        .poll(questions, { timeout: 30_000 })
        .toMatchObject([{ message: 'The console stopped working and was loaded again.' }]);
      const heading = () =>
        window.evaluate(({ webContents }) => webContents.executeJavaScript('document.querySelector("nav") !== null'));
      await expect.poll(heading, { timeout: 20_000 }).toBe(true);
    });
  },
);
