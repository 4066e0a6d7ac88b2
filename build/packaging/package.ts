/**
 * `npm run package`: makes the desktop application's folder in out/ with Electron Forge, fuses set.
 *
 *   npm run package -- --out FOLDER      somewhere else
 *   npm run package -- --installers      and installers from it, with the file that updates are found by (electron-builder)
 *
 * The runtime is downloaded, or is the unpacked one that ELECTRON_OVERRIDE_DIST_PATH names.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scriptOf } from '../bootstrap/checkout.mjs';
import { ensureBundles } from '../bootstrap/fresh-bundles.mjs';
import { namedRuntime, zipRuntime } from './electron-runtime.ts';
import { folderSizeBytes, inMegabytes } from './folder-size.ts';
import { makeInstallers } from './installers.ts';
import { whyNotMade } from './package-failures.ts';

const root = path.resolve(import.meta.dirname, '../..');
const logFile = path.join(root, '.cache/package.log');

/** Resolves with the application's folder; throws a sentence. */
async function makeFolder(outFolder: string): Promise<string> {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  const work = mkdtempSync(path.join(root, '.cache/package-'));
  try {
    const runtime = namedRuntime();
    if (runtime !== null) await zipRuntime(runtime, path.join(work, 'runtime'));
    const result = spawnSync(process.execPath, [scriptOf('@electron-forge/cli', 'electron-forge'), 'package'], {
      cwd: root,
      encoding: 'utf8',
      env: {
        ...process.env,
        FANOUT_PACKAGE_FOLDER: outFolder,
        ...(runtime === null ? {} : { FANOUT_RUNTIME_ZIPS: path.join(work, 'runtime') }),
      },
    });
    const output = `${result.stdout}\n${result.stderr}`;
    writeFileSync(logFile, output);
    if (result.status !== 0) throw new Error(`${whyNotMade(output)} The whole output is in ${logFile}.`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const made = readdirSync(outFolder).find((name) => name === `Fanout-${process.platform}-${process.arch}`);
  if (made === undefined) throw new Error(`Electron Forge made no folder in ${outFolder}; see ${logFile}.`);
  return path.join(outFolder, made);
}

const args = process.argv.slice(2);
const outAt = args.indexOf('--out');
const outFolder = path.resolve(outAt === -1 ? path.join(root, 'out') : (args[outAt + 1] ?? 'out'));
const startedMs = Date.now();
try {
  ensureBundles();
  const folder = await makeFolder(outFolder);
  const seconds = Math.round((Date.now() - startedMs) / 1000);
  console.log(`${folder}: ${inMegabytes(folderSizeBytes(folder))}, in ${seconds} s`);
  if (args.includes('--installers')) {
    for (const file of await makeInstallers(root, folder, outFolder)) console.log(file);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
