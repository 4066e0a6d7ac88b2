import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Site, SiteDraft } from '../../shared/contracts/sites-api.ts';
import { deliverToAll, importPackage } from './flows/packages.ts';
import { openPage, signIn } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
/** 24 blocks of 2 MiB, which take 20 s at this rate: the load stands long enough to be read. */
const packageBytes = 24 * 2 * 1024 * 1024;
const wanKilobitsPerSecond = 20_000;

let page: Page;

beforeAll(async () => {
  page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
});

function add(name: string, draft: Partial<SiteDraft> = {}): Promise<Site> {
  const body = { name, subnets: [], wanKilobitsPerSecond: 0, ...draft };
  return console_.running.client.call('createSite', { body });
}

const siteItem = (name: string): Locator =>
  page.getByRole('list', { name: 'Sites and their WAN links' }).getByRole('listitem').filter({ hasText: name });

it('says what to do while there is no site', async () => {
  await openPage(page, 'sites');
  await page.getByRole('tab', { name: 'Topology' }).click();
  await page.getByRole('heading', { name: 'There is no site yet' }).waitFor();
});

it('draws the sites behind the server, opens and closes what is below by keyboard, and leads to each', async () => {
  const region = await add('North', { wanOutKilobitsPerSecond: 4000 });
  const branch = await add('Harbour', { parentId: region.id, subnets: ['10.7.1.0/24'], wanKilobitsPerSecond: 2000 });
  await siteItem('Harbour').getByText('in: 0 of 2.00 Mbit/s').waitFor();
  await siteItem('North').getByText('out: 0 of 4.00 Mbit/s').waitFor();
  await siteItem('Harbour').getByText('10.7.1.0/24').waitFor();
  const below = siteItem('North').getByRole('button', { name: /^Sites below North/ });
  await below.press('Enter');
  await siteItem('Harbour').waitFor({ state: 'detached' });
  expect(await below.getAttribute('aria-expanded')).toBe('false');
  await below.press('Enter');
  await siteItem('Harbour').getByRole('link', { name: 'Harbour' }).press('Enter');
  await page.getByRole('heading', { level: 2, name: 'Harbour' }).waitFor();
  expect(page.url()).toContain(`#/sites/${branch.id}`);
});

it('is found again by its address, and finds a site by its subnet', async () => {
  await page.goto(`${console_.running.server.consoleUrl}/#/sites/topology`);
  await page.getByRole('searchbox', { name: 'Find sites' }).fill('10.7.1');
  await siteItem('Harbour').waitFor();
  await add('South');
  await siteItem('North').waitFor();
  expect(await siteItem('South').count()).toBe(0);
  await page.getByRole('searchbox', { name: 'Find sites' }).fill('');
  await siteItem('South').waitFor();
});

it('shows the load of a link while a package crosses it, in the picture and in the table', async () => {
  const { running } = console_;
  await running.startFleet({ agents: 2, subnets: 1, wanKilobitsPerSecond });
  const file = path.join(running.folder, 'crossing.bin');
  writeFileSync(file, randomBytes(packageBytes));
  await importPackage(page, { path: file, name: 'Crossing', version: '1.0' });
  await deliverToAll(page, 'Crossing');
  await page.goto(`${running.server.consoleUrl}/#/sites/topology`);
  await siteItem('Subnet A').getByText('2 of 2 agents online').waitFor();
  await siteItem('Subnet A')
    .getByText(/^in: (1[0-9]|20)\.\d of 20\.0 Mbit\/s$/)
    .waitFor();
  await page.getByText(/1 WAN link carries something now/).waitFor();
  await page.getByRole('button', { name: 'Show table' }).click();
  const row = page.getByRole('grid', { name: 'Sites and their WAN links' }).getByRole('row', { name: 'Subnet A' });
  await row
    .getByText(/^(1[0-9]|20)\.\d Mbit\/s$/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Show picture' }).click();
  await siteItem('North').waitFor();
});
