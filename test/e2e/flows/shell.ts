/**
 * What a person does in the console, as functions over a page: the browser tests and the Electron tests drive the same
 * flows. Each waits for what it names and fails with it.
 */
import type { Page } from 'playwright-core';

export const pageTitles = {
  overview: 'Overview',
  agentPackage: 'Agent package',
  plugInPolicy: 'Software update plug-in',
  settings: 'Targeted Agent Settings',
  siteSettings: 'Targeted site settings',
  agents: 'Agents',
  packages: 'Packages',
  reports: 'Reports',
  simulation: 'Simulation',
  channels: 'Channels',
  accounts: 'Accounts',
  deliveries: 'Deliveries',
  fleet: 'Fleet',
  sites: 'Sites',
  packageServers: 'Package Servers',
  audit: 'Audit trail',
  about: 'About',
} as const;

/** Opens a one-time link and waits until the console is there. */
export async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
}

export async function signInWithPassword(
  page: Page,
  consoleUrl: string,
  name: string,
  password: string,
): Promise<void> {
  await page.goto(consoleUrl);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
}

/** Opens a page through the navigation tree. */
export async function openPage(page: Page, name: keyof typeof pageTitles): Promise<void> {
  const title = pageTitles[name];
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: title, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
}

/** The value of a tile of the Overview, e.g. `Agents online` → `12`. */
export async function readTile(page: Page, label: string): Promise<string> {
  const term = page.locator('dt', { hasText: label });
  return (await term.locator('xpath=following-sibling::dd[1]').innerText()).trim();
}

/** Waits until a tile shows this value. */
export async function waitForTile(page: Page, label: string, value: string, withinMs: number): Promise<void> {
  const tile = page.locator('dl > div').filter({ has: page.locator('dt', { hasText: label }) });
  await tile.locator('dd', { hasText: new RegExp(`^${value}$`) }).waitFor({ timeout: withinMs });
}

/** Waits for a sentence among the notices. */
export async function waitForNotice(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('log', { name: 'Notices' }).getByText(text).first().waitFor();
}
