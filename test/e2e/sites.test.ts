import type { Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import type { Site, SiteDraft } from '../../shared/contracts/sites-api.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

/** Each test has its own organisation. */
beforeEach(async () => {
  const { client } = console_.running;
  for (const { id } of await client.call('policies', {}).then((all) => all.filter(({ isGlobal }) => !isGlobal))) {
    await client.call('deletePolicy', { params: { id } });
  }
  for (const { id } of await client.call('sites', {})) {
    await client.call('deleteSite', { params: { id }, query: { moveChildrenTo: 'top' } });
  }
});

function add(name: string, draft: Partial<SiteDraft> = {}): Promise<Site> {
  const body = { name, subnets: [], wanKilobitsPerSecond: 0, ...draft };
  return console_.running.client.call('createSite', { body });
}

async function openSites(): Promise<Page> {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'sites');
  return page;
}

const treeItem = (page: Page, name: RegExp) =>
  page.getByRole('tree', { name: 'Sites' }).getByRole('treeitem', { name });
const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function stored(name: string): Promise<Site> {
  const site = (await console_.running.client.call('sites', {})).find((candidate) => candidate.name === name);
  if (site === undefined) throw new Error(`there is no site ${name}`);
  return site;
}

it('adds a site, says what is wrong beside its field, and moves it below another', async () => {
  const europe = await add('Europe');
  const page = await openSites();
  await page.getByRole('button', { name: 'Add site' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a site' });
  await dialog.getByLabel('Name').fill('Berlin');
  await dialog.getByLabel('Subnets', { exact: true }).fill('10.1.2.7/24');
  await dialog.getByRole('button', { name: 'Add site' }).click();
  await dialog.getByText('“10.1.2.7/24” is not a subnet').waitFor();
  await dialog.getByLabel('Subnets', { exact: true }).fill('10.1.2.0/24\n10.1.3.0/24');
  await dialog.getByLabel('WAN link in').fill('20000');
  await dialog.getByLabel('Time zone').fill('Europe/Berlin');
  await dialog.getByRole('button', { name: 'Add site' }).click();
  await panel(page, 'Berlin').getByRole('heading', { name: 'Berlin' }).waitFor();
  await panel(page, 'Berlin').getByText('20,000 kbit/s').waitFor();
  await panel(page, 'Berlin').getByText('10.1.3.0/24').waitFor();
  await page.getByRole('button', { name: 'Edit or move' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit “Berlin”' });
  await edit.getByLabel('Below').selectOption({ label: 'Europe' });
  await edit.getByRole('button', { name: 'Save site' }).click();
  await panel(page, 'Berlin').getByText('Below Europe').waitFor();
  const site = await stored('Berlin');
  expect(site).toMatchObject({ parentId: europe.id, wanKilobitsPerSecond: 20_000, timeZone: 'Europe/Berlin' });
  expect(page.url()).toContain(`#/sites/${site.id}`);
});

it('keeps what was typed when somebody else saved the site meanwhile', async () => {
  const { name, id, version } = await add('Berlin', { wanKilobitsPerSecond: 1000 });
  const page = await openSites();
  await page.getByRole('button', { name: 'Edit or move' }).click();
  const dialog = page.getByRole('dialog', { name: 'Edit “Berlin”' });
  await dialog.getByLabel('WAN link in').fill('2000');
  const body = { name, subnets: [], wanKilobitsPerSecond: 1000, timeZone: 'Europe/Berlin', version };
  await console_.running.client.call('updateSite', { params: { id }, body });
  await dialog.getByRole('button', { name: 'Save site' }).click();
  await dialog.getByText('changed time zone. Your changes are kept beside it.').waitFor();
  await dialog.getByRole('button', { name: 'Save site' }).click();
  await waitForNotice(page, '“Berlin” is saved.');
  expect(await stored('Berlin')).toMatchObject({ wanKilobitsPerSecond: 2000, timeZone: 'Europe/Berlin' });
});

it('asks where the sites below go, and says who still names a site that stays', async () => {
  const { client } = console_.running;
  const europe = await add('Europe');
  const germany = await add('Germany', { parentId: europe.id });
  await add('Berlin', { parentId: germany.id });
  const settings = defaultAgentSettings;
  const target = { kind: 'sites' as const, siteIds: [germany.id] };
  const policy = await client.call('createPolicy', { body: { name: 'Offices', target, settings } });
  const page = await openSites();
  await treeItem(page, /^Germany/).click();
  await panel(page, 'Germany').getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “Germany”?' });
  await dialog.getByRole('button', { name: 'Delete site' }).click();
  await dialog.getByText('"Germany" is still named by the policy "Offices". Change that first.').waitFor();
  await client.call('deletePolicy', { params: { id: policy.id } });
  await dialog.getByLabel('Where do the sites below go? (Berlin)').selectOption({ label: 'To the top' });
  await dialog.getByRole('button', { name: 'Delete site' }).click();
  await waitForNotice(page, '“Germany” is deleted.');
  await treeItem(page, /^Germany/).waitFor({ state: 'detached' });
  expect((await stored('Berlin')).parentId).toBeNull();
});

it('goes through the tree by keys alone', async () => {
  const europe = await add('Europe');
  await add('Berlin', { parentId: europe.id });
  const page = await openSites();
  const tree = page.getByRole('tree', { name: 'Sites' });
  await treeItem(page, /^Berlin/).waitFor();
  await tree.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await treeItem(page, /^Berlin/).waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await panel(page, 'Berlin').waitFor();
  // The focus stays, so that the next site is one key away.
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await panel(page, 'Europe').waitFor();
});

it('paints the hours of a link by mouse and by keys, and keeps them as rules', async () => {
  await add('Berlin', { wanKilobitsPerSecond: 20_000 });
  const page = await openSites();
  await page.getByRole('tab', { name: 'Hours of the link in' }).click();
  const grid = page.getByRole('grid', { name: 'Hours of the link in' });
  await grid.getByRole('gridcell', { name: 'Monday 08:00–09:00: Whole link' }).hover();
  await page.mouse.down();
  await grid.getByRole('gridcell', { name: 'Friday 17:00–18:00: Whole link' }).hover();
  await page.mouse.up();
  await grid.getByRole('gridcell', { name: 'Wednesday 12:00–13:00: 25 %, 5,000 kbit/s' }).waitFor();
  await page.getByRole('radio', { name: 'Closed' }).check();
  await grid.getByRole('gridcell', { name: 'Saturday 00:00–01:00' }).hover();
  await page.mouse.down();
  await page.mouse.up();
  await grid.focus();
  await page.keyboard.press('Shift+End');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Space');
  await grid.getByRole('gridcell', { name: 'Sunday 23:00–24:00: Closed' }).waitFor();
  expect(await page.getByLabel('The same as rules').inputValue()).toBe('mon-fri 08-18 25%; sat-sun closed');
  await page.getByRole('tab', { name: 'Details' }).click();
  await page.getByRole('alertdialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Stay' }).click();
  await page.getByRole('button', { name: 'Save hours' }).click();
  await waitForNotice(page, 'The hours of “Berlin” are saved.');
  expect((await stored('Berlin')).acquisitionSchedule).toBe('mon-fri 08-18 25%; sat-sun closed');
});

it('tries a table before it imports it, and says where it is wrong', async () => {
  await add('Berlin', { wanKilobitsPerSecond: 1000 });
  const page = await openSites();
  await page.getByRole('button', { name: 'Import CSV' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import sites' });
  const table = dialog.getByLabel('Table', { exact: true });
  await table.fill('name,subnets\nHamburg,10.5.0.1/24');
  await dialog.getByRole('button', { name: 'Check the table' }).click();
  await dialog.getByText(/^Line 2, subnets: /).waitFor();
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.getByText('Check the table first').waitFor();
  await table.fill('name,wanKilobitsPerSecond\nHamburg,500\nBerlin,2000');
  await dialog.getByRole('button', { name: 'Check the table' }).click();
  await dialog.getByText('1 would be added, 1 changed, 0 stay as they are.').waitFor();
  expect((await stored('Berlin')).wanKilobitsPerSecond).toBe(1000);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await treeItem(page, /^Hamburg/).waitFor();
  expect((await stored('Berlin')).wanKilobitsPerSecond).toBe(2000);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  expect((await download).suggestedFilename()).toBe('sites.csv');
});

it('shows helpdesk everything, and nothing that it may not do', async () => {
  const { client, server } = console_.running;
  await add('Berlin', { wanKilobitsPerSecond: 1000, acquisitionSchedule: 'sun closed' });
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'sites');
  await page.getByRole('tab', { name: 'Hours of the link in' }).click();
  await page.getByRole('gridcell', { name: 'Sunday 00:00–01:00: Closed' }).waitFor();
  for (const name of ['Add site', 'Import CSV', 'Edit or move', 'Add below', 'Delete', 'Save hours']) {
    expect(await page.getByRole('button', { name }).count(), name).toBe(0);
  }
  expect(await page.getByRole('radio').count()).toBe(0);
});

it('makes a site of a subnet that belongs to none', async () => {
  const { client, startFleet } = console_.running;
  await startFleet({ agents: 2, subnets: 2 });
  const [first, second] = (await client.call('sites', {})).filter(({ agents }) => agents === 1);
  const subnet = second?.subnets[0] ?? '';
  await client.call('deleteSite', { params: { id: second?.id ?? '' } });
  const page = await openSites();
  await page.getByRole('link', { name: 'Unassigned subnets 1' }).click();
  const row = page.getByRole('row', { name: subnet });
  await row.getByRole('button', { name: `Add to ${first?.name}` }).waitFor();
  await row.getByRole('button', { name: 'Make a site of it' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a site' });
  expect(await dialog.getByLabel('Subnets', { exact: true }).inputValue()).toBe(subnet);
  await dialog.getByLabel('Name').fill('Branch');
  await dialog.getByRole('button', { name: 'Add site' }).click();
  await treeItem(page, /^Branch, 1 of 1 agent online/).waitFor();
  await page.getByRole('link', { name: 'Unassigned subnets 0' }).click();
  await page.getByRole('heading', { name: 'Every agent belongs to a site' }).waitFor();
});
