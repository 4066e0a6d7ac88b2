/** Makes the application's folder as `npm run package` does, and starts what is in it, as a person would. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { vi } from 'vitest';
import { root, sandboxFlags } from '../../support/executables.ts';
import { newDataFolder } from './desktop-application.ts';
import { type StartedApplication, startedApplication } from './started-application.ts';

export interface PackagedFolder {
  readonly folder: string;
  readonly executable: string;
  readonly archive: string;
}

/** Made once for the same bundles and the same way of packaging. Throws with what the command said. */
export function packageApplication(): PackagedFolder {
  const out = path.join(root, '.cache/packaged', keyOfPackage());
  const packaged = packagedIn(out);
  if (existsSync(packaged.archive)) return packaged;
  rmSync(path.dirname(out), { recursive: true, force: true });
  const made = `${out}-made`;
  const args = [path.join(root, 'build/packaging/package.ts'), '--out', made];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`npm run package: ${result.stdout}${result.stderr}`);
  renameSync(made, out);
  return packaged;
}

function packagedIn(out: string): PackagedFolder {
  const folder = path.join(out, `Fanout-${process.platform}-${process.arch}`);
  return {
    folder,
    executable: path.join(folder, 'fanout'),
    archive: path.join(folder, 'resources/app.asar'),
  };
}

function keyOfPackage(): string {
  const packaging = path.join(root, 'build/packaging');
  const files = [
    ...readdirSync(path.join(root, 'dist')).map((name) => path.join(root, 'dist', name, '.inputs.json')),
    ...readdirSync(packaging).map((name) => path.join(packaging, name)),
    path.join(root, 'forge.config.ts'),
    path.join(root, 'package.json'),
    path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(root, 'node_modules/electron/dist'), 'version'),
  ];
  const hash = createHash('sha256');
  for (const file of files) hash.update(existsSync(file) ? readFileSync(file) : '');
  return hash.digest('hex').slice(0, 16);
}

export interface PackagedApplication extends StartedApplication {
  readonly page: Page;
}

/** Its fuses keep Node's inspector shut, so that a test can only look in as Chromium's developer tools do. */
export async function startPackaged(executable: string): Promise<PackagedApplication> {
  const dataFolder = newDataFolder();
  const args = ['--remote-debugging-port=0', '--disable-gpu', ...sandboxFlags];
  const child = spawn(
    executable,
    [...args, '--data', dataFolder, '--demo-fleet', '--listen', '0', '--console-port', '0'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const application = startedApplication(child, dataFolder);
  const endpoint = await vi.waitFor(
    () => {
      const found = /DevTools listening on (ws:\S+)/.exec(application.output())?.[1];
      if (found === undefined) throw new Error(`no developer tools: ${application.output()}`);
      return found;
    },
    { timeout: 30_000, interval: 50 },
  );
  const browser = await chromium.connectOverCDP(endpoint);
  const page = await vi.waitFor(
    () => {
      const found = browser.contexts().flatMap((context) => context.pages())[0];
      if (found === undefined) throw new Error(`no window: ${application.output()}`);
      return found;
    },
    { timeout: 30_000, interval: 50 },
  );
  return { ...application, page };
}
