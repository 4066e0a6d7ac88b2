/**
 * Pictures of every page, in both sizes that the console is made for and in both themes, to be looked at:
 *
 *   npm run screenshots:pages -- FOLDER [ADDRESS…]
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launchChromium } from '../support/chromium.ts';
import { signIn } from './flows/shell.ts';
import { startConsoleServer } from './support/console-server.ts';
import { chooseScheme, openAddress } from './support/open-address.ts';
import { setUpWholeOrganisation } from './support/whole-organisation.ts';

const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const themes = ['light', 'dark'] as const;

const [folder, ...chosen] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Name a folder for the pictures: npm run screenshots:pages -- FOLDER [ADDRESS…]');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const [browser, running] = await Promise.all([launchChromium(), startConsoleServer()]);
try {
  const { addresses } = await setUpWholeOrganisation(running);
  const page = await browser.newPage();
  await signIn(page, running.server.makeSignInLink());
  for (const address of addresses.filter(
    (one) => chosen.length === 0 || chosen.some((start) => one.startsWith(start)),
  )) {
    for (const size of sizes) {
      await page.setViewportSize(size);
      await openAddress(page, running.server.consoleUrl, address);
      for (const colorScheme of themes) {
        await chooseScheme(page, colorScheme);
        const name = `${nameOf(address)}-${size.width}x${size.height}-${colorScheme}.png`;
        await page.screenshot({ path: path.join(folder, name), animations: 'disabled' });
        console.log(name);
      }
    }
  }
} finally {
  await browser.close();
  await running.stop();
}

/** Ids say nothing in a file's name. */
function nameOf(address: string): string {
  return address
    .slice(1)
    .replaceAll(/[0-9a-f]{8}[0-9a-f-]{24,}/g, 'one')
    .replaceAll(/[^\w.-]+/g, '-');
}
