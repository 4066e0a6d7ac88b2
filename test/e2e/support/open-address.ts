import type { Page } from 'playwright-core';

/** Goes to an address behind the `#` and waits until nothing says any more that it is being fetched. */
export async function openAddress(page: Page, consoleUrl: string, address: string): Promise<void> {
  await page.goto(`${consoleUrl}/#${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('main [role="progressbar"]:not([aria-valuenow])') === null);
}

/** Puts the system into light or dark, without motion, and waits until the page has followed and drawn itself anew. */
export async function chooseScheme(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.waitForFunction((scheme) => document.documentElement.style.colorScheme === scheme, colorScheme);
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(undefined)))),
  );
}
