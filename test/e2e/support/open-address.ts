import type { Page } from 'playwright-core';

/** Goes to an address behind the `#` and waits until nothing says any more that it is being fetched. */
export async function openAddress(page: Page, consoleUrl: string, address: string): Promise<void> {
  await page.goto(`${consoleUrl}/#${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('main [role="progressbar"]:not([aria-valuenow])') === null);
}
