/**
 * `npm start`: the desktop application with a demo fleet, or, where no window can be shown, the same console served to
 * the browser. Arguments are passed on (`npm start -- --data FOLDER --fresh`); `--browser` asks for the latter.
 */
import process from 'node:process';
import { pinnedNode, root, say } from './checkout.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay, obtainElectronRuntime } from './electron-runtime.mjs';
import { runInForeground } from './foreground.mjs';
import { commandLineBundles, ensureBundles } from './fresh-bundles.mjs';

const args = process.argv.slice(2).filter((argument) => argument !== '--browser');
const isBrowserWanted = args.length < process.argv.length - 2;

ensureDependencies();

/** @returns {{ executable: string } | { missing: string }} */
function chooseRuntime() {
  if (isBrowserWanted) return { missing: 'Asked for with --browser' };
  if (!hasDisplay()) return { missing: 'There is no display' };
  return obtainElectronRuntime();
}

const runtime = chooseRuntime();
if ('executable' in runtime) {
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  ensureBundles();
  if (isRootOnLinux) say("Running as root: Chromium's own sandbox is off (--no-sandbox).");
  runInForeground(runtime.executable, [...(isRootOnLinux ? ['--no-sandbox'] : []), root, ...args]);
} else {
  say(`${runtime.missing}: the console is served to the browser instead of a window.`);
  ensureBundles(commandLineBundles);
  runInForeground(pinnedNode, [`${root}/dist/cli/main.mjs`, 'serve', '--demo-fleet', ...args]);
}
