import type { Locator, Page } from 'playwright-core';

/** The row of a setting in the open tab, by its key. */
export function settingRow(page: Page, key: string): Locator {
  return page.locator(`[data-setting="${key}"]`);
}

export async function openPolicy(page: Page, name: string): Promise<void> {
  await page.getByRole('list', { name: 'Policies by priority' }).getByRole('link', { name }).click();
  await page.getByRole('form', { name: `Policy ${name}` }).waitFor();
}

type TabLabel = 'General' | 'Downloads' | 'Blockouts' | 'User Control' | 'Advanced';

export async function openTab(page: Page, label: TabLabel): Promise<void> {
  await page.getByRole('tab', { name: label }).click();
  await page.getByRole('tabpanel', { name: label }).waitFor();
}

export async function typeSetting(page: Page, key: string, text: string): Promise<void> {
  await settingRow(page, key).getByRole('textbox').fill(text);
}

/** What stands beside a setting: the message of its validation or warning; waits until there is one. */
export async function messageOfSetting(page: Page, key: string): Promise<string> {
  const message = settingRow(page, key).getByRole('status').locator('span').last();
  await message.waitFor();
  return await message.innerText();
}

/** The version that the open policy is edited from. */
export async function shownVersion(page: Page): Promise<number> {
  return Number(await page.locator('[data-version]').getAttribute('data-version'));
}

export function saveButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Save changes' });
}

/** Saves and waits until the editor stands on a newer version, which it gives back. */
export async function save(page: Page): Promise<number> {
  const before = await shownVersion(page);
  await saveButton(page).click();
  await page.locator(`[data-version]:not([data-version="${before}"])`).waitFor();
  return await shownVersion(page);
}

export function conflictDialog(page: Page): Locator {
  return page.getByRole('alertdialog').filter({ hasText: 'Somebody else saved this policy' });
}

/** Chooses a side for one contested setting of the conflict that is shown. */
export async function chooseSide(page: Page, label: string, side: 'Keep mine' | 'Take theirs'): Promise<void> {
  await conflictDialog(page).getByRole('radiogroup', { name: label }).getByRole('radio', { name: side }).check();
}
