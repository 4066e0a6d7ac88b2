import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSizeBytes } from '../../build/packaging/folder-size.ts';
import { waitForOnlineAgents } from '../e2e/flows/agents.ts';
import { importPackage } from '../e2e/flows/packages.ts';
import { openPage } from '../e2e/flows/shell.ts';
import { electronExecutable, root, sandboxFlags } from '../support/executables.ts';
import { missingForWindows } from './support/desktop-application.ts';
import {
  type PackagedApplication,
  type PackagedFolder,
  packageApplication,
  startPackaged,
} from './support/packaged-application.ts';

const demoAgents = ['a', 'b', 'c'].flatMap((subnet) => [1, 2, 3, 4].map((number) => `${subnet}-0${number}`));
/** The application itself; Chromium's runtime comes on top. */
const mostBytesOfOwn = 20_000_000;

describe.skipIf(missingForWindows !== null || process.platform !== 'linux')(
  `the packaged application (needs a window on Linux: ${missingForWindows ?? 'yes'})`,
  () => {
    let packaged: PackagedFolder;
    // Beside the folder, so that files of it can be linked.
    const scratch = path.join(root, '.cache/packaged-scratch');
    let running: PackagedApplication | null = null;

    beforeAll(() => {
      packaged = packageApplication();
      rmSync(scratch, { recursive: true, force: true });
      mkdirSync(scratch, { recursive: true });
    });
    afterAll(async () => {
      await running?.dispose();
      rmSync(scratch, { recursive: true, force: true });
    });

    it('has its fuses set', async () => {
      const wire = await getCurrentFuseWire(packaged.executable);
      const on = [
        FuseV1Options.EnableCookieEncryption,
        FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
        FuseV1Options.OnlyLoadAppFromAsar,
      ];
      const off = [
        FuseV1Options.RunAsNode,
        FuseV1Options.EnableNodeOptionsEnvironmentVariable,
        FuseV1Options.EnableNodeCliInspectArguments,
        FuseV1Options.GrantFileProtocolExtraPrivileges,
      ];
      expect(on.map((fuse) => wire[fuse])).toEqual(on.map(() => FuseState.ENABLE));
      expect(off.map((fuse) => wire[fuse])).toEqual(off.map(() => FuseState.DISABLE));
    });

    it('ships the bundles and the native module, and nothing of how it is developed', () => {
      const resources = path.join(packaged.folder, 'resources');
      expect(readdirSync(resources).sort()).toEqual(['app.asar', 'app.asar.unpacked']);
      const unpacked = readdirSync(path.join(resources, 'app.asar.unpacked'), { recursive: true, withFileTypes: true });
      expect(unpacked.filter((entry) => entry.isFile()).map((entry) => entry.name)).toEqual(['index.node']);
      expect(folderSizeBytes(resources)).toBeLessThan(mostBytesOfOwn);
    });

    it('runs the console, the server and the demo fleet from inside of its archive', async () => {
      running = await startPackaged(packaged.executable);
      const { page, dataFolder } = running;
      page.setDefaultTimeout(30_000);
      await page.getByRole('navigation', { name: 'Console' }).waitFor();
      await waitForOnlineAgents(page, demoAgents); // utility processes
      const file = path.join(dataFolder, 'setup.bin');
      writeFileSync(file, randomBytes(300_000));
      await importPackage(page, { path: file, name: 'Packaged setup', version: '1.0' }); // the hash worker
      await openPage(page, 'about');
      const folder = page.locator('dt', { hasText: 'Data folder' }).locator('xpath=following-sibling::dd[1]');
      expect(await folder.innerText()).toBe(dataFolder);
      await page.getByRole('link', { name: 'Third-party licences' }).click();
      await page
        .getByRole('row', { name: /^@fastify/ })
        .first()
        .waitFor();
    });

    it('quits and leaves no process behind', async () => {
      expect(await running?.quit()).toBe(0);
      expect(running?.output()).not.toContain('Stopping the');
    });

    /** Ends at once in the application, which finds no port in it, and means nothing to Node. */
    const unusable = ['--listen', 'nowhere'];

    function startedWith(executable: string, env: Record<string, string>, args: readonly string[]): number | null {
      const options = { env: { ...process.env, ...env }, timeout: 20_000, killSignal: 'SIGKILL' } as const;
      return spawnSync(executable, [...args, ...sandboxFlags, ...unusable], options).status;
    }

    it('runs as nothing else: neither as plain Node nor with options of Node', () => {
      const marker = path.join(scratch, 'marker');
      const script = `require('fs').writeFileSync(${JSON.stringify(marker)}, 'ran')`;
      writeFileSync(`${marker}.cjs`, script);
      const asNode = { ELECTRON_RUN_AS_NODE: '1' };
      expect(startedWith(packaged.executable, asNode, [`${marker}.cjs`])).toBe(2);
      expect(startedWith(packaged.executable, { NODE_OPTIONS: `--require=${marker}.cjs` }, [])).toBe(2);
      expect(existsSync(marker)).toBe(false);
      // The same does run where no fuse is set, so that the marker could have been there.
      startedWith(electronExecutable ?? '', asNode, [`${marker}.cjs`]);
      expect(existsSync(marker)).toBe(true);
    });

    it('loads no application from a folder in place of its archive', () => {
      const copy = path.join(scratch, 'tampered');
      const marker = path.join(copy, 'marker');
      mkdirSync(path.join(copy, 'resources/app'), { recursive: true });
      mkdirSync(path.join(copy, 'locales'));
      for (const entry of readdirSync(packaged.folder, { withFileTypes: true })) {
        if (entry.isFile()) linkSync(path.join(packaged.folder, entry.name), path.join(copy, entry.name));
      }
      linkSync(path.join(packaged.folder, 'locales/en-US.pak'), path.join(copy, 'locales/en-US.pak'));
      const manifest = { name: 'other', version: '1.0.0', main: 'main.js' };
      writeFileSync(path.join(copy, 'resources/app/package.json'), JSON.stringify(manifest));
      const script = `require('fs').writeFileSync(${JSON.stringify(marker)}, 'ran'); process.exit(0);`;
      writeFileSync(path.join(copy, 'resources/app/main.js'), script);
      startedWith(path.join(copy, 'fanout'), {}, []);
      expect(existsSync(marker)).toBe(false);
    });
  },
);
