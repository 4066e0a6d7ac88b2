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

/**
 * Adds a period to the list of a setting and fills its row from left to right, by keyboard alone. `switchedDays`
 * counts from Monday = 0; `text` is typed into the last field where that takes text.
 */
export async function addPeriod(
  page: Page,
  key: string,
  period: { switchedDays: readonly number[]; from: string; to: string; text?: string },
): Promise<void> {
  const { keyboard } = page;
  await settingRow(page, key).getByRole('button', { name: /^Add/ }).press('Enter');
  for (const day of Array.from({ length: 7 }, (_, index) => index)) {
    if (period.switchedDays.includes(day)) await keyboard.press('Space');
    await keyboard.press('ArrowRight');
  }
  for (const text of [period.from, period.to, period.text]) {
    await keyboard.press('Tab');
    if (text !== undefined) await keyboard.type(text);
  }
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
