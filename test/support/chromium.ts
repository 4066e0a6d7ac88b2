/** A headless Chromium for tests of the console, driven through playwright-core. */
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../build/bootstrap/chromium.mjs';
import { sandboxFlags } from './executables.ts';

/** Without these the browser looks up its maker's services at every start. */
const quietFlags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** Starts a browser with an empty profile; `npm test` sees to it that there is one. Close it in `afterAll`. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('No Chromium found: install one or name it in CHROMIUM_PATH.');
  return await chromium.launch({ executablePath, args: [...sandboxFlags, ...quietFlags] });
}
