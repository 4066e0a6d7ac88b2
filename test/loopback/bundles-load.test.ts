import { execFileSync, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Bundle, bundles } from '../../build/bundles.mjs';
import { electronExecutable, root } from '../support/executables.ts';

/**
 * How a bundle for Node is loaded. The Electron suite starts `main` (and with it the preload script and the page), which
 * cannot be loaded without Electron's own modules.
 */
const loadedAs: Record<string, 'process' | 'thread' | 'command' | 'application'> = {
  main: 'application',
  cli: 'command',
  'agent-worker': 'process',
  'hash-worker': 'thread',
  'sim-worker': 'thread',
};

const nodeBundles = bundles.filter((bundle) => bundle.kind === 'node' && existsSync(path.join(root, bundle.entry)));

/** Imports the bundle in a child process or in a thread of it; answers what went wrong, or null. */
async function load(bundle: Bundle, as: 'process' | 'thread', execPath: string): Promise<string | null> {
  const url = pathToFileURL(path.join(root, bundle.output)).href;
  const child = fork(path.join(import.meta.dirname, 'fixtures/load-bundle.mjs'), [as, url], {
    execPath,
    execArgv: [],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  child.stderr?.on('data', (data) => (output += data));
  return await new Promise((resolve) => {
    child.on('message', (message) => {
      if ((message as { loaded?: string }).loaded !== url) return;
      resolve(null);
      child.kill('SIGKILL');
    });
    child.on('close', () => resolve(output || 'it ended without a word'));
  });
}

describe('a bundle for Node', () => {
  it('is known to this test', () => {
    expect(nodeBundles.filter((bundle) => loadedAs[bundle.name] === undefined)).toEqual([]);
  });

  for (const bundle of nodeBundles) {
    const as = loadedAs[bundle.name];
    if (as === 'process' || as === 'thread') {
      it(`loads in the pinned Node: ${bundle.name}`, async () => {
        expect(await load(bundle, as, process.execPath)).toBeNull();
      });

      it(`loads in the Node of Electron: ${bundle.name}`, async (context) => {
        if (electronExecutable === null) context.skip('no Electron runtime');
        else expect(await load(bundle, as, electronExecutable)).toBeNull();
      });
    }
    if (as === 'command') {
      it(`answers --help: ${bundle.name}`, () => {
        const help = execFileSync(process.execPath, [path.join(root, bundle.output), '--help'], { encoding: 'utf8' });
        expect(help).toContain('Usage');
      });
    }
  }
});
