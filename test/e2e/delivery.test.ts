import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tellOutcome } from '../../electron/fleet/demo-outcome.ts';
import { supportCaseSchema } from '../../shared/contracts/support-case.ts';
import { launchChromium } from '../support/chromium.ts';
import { agentRow, openPeerDownloading, readBlockMap, waitForOnlineAgents } from './flows/agents.ts';
import { deliverToAll, importPackage, waitForReady } from './flows/packages.ts';
import {
  addPeriod,
  messageOfSetting,
  openPolicy,
  openTab,
  save,
  saveButton,
  settingRow,
  typeSetting,
} from './flows/settings.ts';
import { openPage, signIn, waitForTile } from './flows/shell.ts';
import { type ConsoleServer, startConsoleServer, until } from './support/console-server.ts';

const blockBytes = 2 * 1024 * 1024;
const packageBlocks = 24;
/** Slow enough that nobody who depends on peers is ready within a test. */
const crawlKilobytesPerSecond = 50;
const crawlSeconds = (packageBlocks * blockBytes) / (crawlKilobytesPerSecond * 1000);
/** At this rate the package takes about 10 s into each subnet: long enough to be seen on its way. */
const wanKilobitsPerSecond = 40_000;

let browser: Browser;
let running: ConsoleServer;
let page: Page;
let agents: readonly string[] = [];

beforeAll(async () => {
  [browser, running] = await Promise.all([launchChromium(), startConsoleServer()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  agents = await running.startFleet({ agents: 4, subnets: 2, wanKilobitsPerSecond });
  await signIn(page, running.server.makeSignInLink());
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});

it('lists real agents as they come online', async () => {
  await waitForOnlineAgents(page, agents);
  await openPage(page, 'overview');
  await waitForTile(page, 'Agents online', '4', 10_000);
});

it('delivers a real package and shows its blocks as they arrive', async () => {
  const file = path.join(running.folder, 'delivered.bin');
  writeFileSync(file, randomBytes(packageBlocks * blockBytes));
  await importPackage(page, { path: file, name: 'Delivered', version: '1.0' });
  await deliverToAll(page, 'Delivered');
  await openPeerDownloading(page, agents[0] ?? '');
  await page.getByRole('region', { name: 'Delivered 1.0' }).waitFor();
  const answer = page.getByRole('note', { name: 'The answer in one sentence' });
  await answer.getByText(/^Delivered 1\.0: Downloading from .+, because .+\.$/).waitFor();
  await answer.getByText(/^Since \d\d:\d\d:\d\d/).waitFor();
  const first = await readBlockMap(page, 'Delivered 1.0');
  expect(first.all).toBe(packageBlocks);
  await until('more blocks are verified', 20_000, async () => {
    const now = await readBlockMap(page, 'Delivered 1.0');
    return now.verified > first.verified || now.verified === packageBlocks;
  });
  await page.getByRole('grid', { name: 'Peers' }).getByRole('row').filter({ hasText: 'Available' }).waitFor();
  await page.getByRole('grid', { name: 'Decision journal' }).getByRole('row').nth(1).waitFor();
});

it('shows where the agent stands in the DHT, and what it has looked up', async () => {
  const dht = page.getByRole('region', { name: 'DHT' });
  await dht.getByText(/^[0-9a-f]{40}$/).waitFor();
  await dht.getByText(/^1 in 1 bucket/).waitFor();
  const lookup = dht.getByRole('grid', { name: 'Last lookups' }).getByRole('row').filter({ hasText: 'To download' });
  const lookupOfPackage = lookup.filter({ hasText: 'Delivered 1.0' });
  // Of those who begin together the one that claims has looked: whoever follows it has nothing to look up.
  await until('an agent shows what it looked up', 60_000, async () => {
    for (const agent of agents) {
      await openPeerDownloading(page, agent);
      await dht.getByText(/^1 in 1 bucket/).waitFor();
      if ((await lookupOfPackage.count()) > 0) return true;
    }
    return false;
  });
  await openPeerDownloading(page, agents[0] ?? '');
});

it('exports what the page shows as one document for a support case', async () => {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export', exact: true }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^[a-z0-9-]+-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.json$/);
  const supportCase = supportCaseSchema.parse(JSON.parse(readFileSync(await download.path(), 'utf8')));
  expect(supportCase).toMatchObject({ isLive: true, reason: null, agent: { name: agents[0] } });
  expect(supportCase.diagnostics?.packages.map(({ name }) => name)).toEqual(['Delivered']);
  expect(supportCase.effectiveSettings.length).toBeGreaterThan(10);
});

it('keeps what is shown while it is paused, and goes on with what is true now', async () => {
  const note = page.getByRole('note', { name: 'The answer in one sentence' });
  await page.getByRole('button', { name: 'Pause' }).click();
  // A live page is never older than its next report: only one that stands still gets to this.
  await note.getByText(/reported [4-9] s ago/).waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await note.getByText('reported just now').waitFor();
});

it('says when all agents are ready, and that one copy crossed each WAN link', async () => {
  await openPage(page, 'packages');
  await waitForReady(page, 'Delivered', 4, 60_000);
  await openPage(page, 'overview');
  const copies = page.getByRole('grid', { name: 'WAN copies' });
  await copies.getByText('On target').nth(1).waitFor();
  expect(await copies.getByText('1.00', { exact: true }).count()).toBe(2);
});

it('tells whoever started the demo, at the terminal, what crossed the WAN links', async () => {
  const said: string[] = [];
  await tellOutcome(running.client, (sentence) => said.push(sentence));
  expect(said).toEqual(['All 4 agents have "Delivered". Copies over each WAN link: 1.00, 1.00.']);
});

it('shows the effective settings of an agent with the policy that they come from', async () => {
  await openPeerDownloading(page, agents[0] ?? '');
  await page.getByRole('tab', { name: 'Settings' }).click();
  const row = page.getByRole('row').filter({ hasText: 'Allow agents to download packages from peer computers' });
  await row.getByRole('cell', { name: 'On', exact: true }).waitFor();
  await row.getByRole('cell', { name: 'Test fleet', exact: true }).waitFor();
});

it('changes the rate of a running delivery as soon as a new maximum download bandwidth is saved', async () => {
  const withinSeconds = 60;
  expect(crawlSeconds).toBeGreaterThan(4 * withinSeconds);
  await saveMaxDownload(crawlKilobytesPerSecond);
  const file = path.join(running.folder, 'crawling.bin');
  writeFileSync(file, randomBytes(packageBlocks * blockBytes));
  await importPackage(page, { path: file, name: 'Crawling', version: '1.0' });
  await deliverToAll(page, 'Crawling');
  await until('all agents have begun', 30_000, async () => {
    const packages = await running.client.call('packages', {});
    return packages.find(({ name }) => name === 'Crawling')?.downloading === agents.length;
  });
  await saveMaxDownload(0);
  await openPage(page, 'packages');
  // The agents ask for their configuration every hour: only the feed can have told them.
  await waitForReady(page, 'Crawling', agents.length, withinSeconds * 1000);
});

it('says beside the additional subnets which of them do not list the others', async () => {
  const known = await running.client.call('agents', {});
  const subnets = [...new Set(known.map(({ address }) => address.replace(/\d+$/, '0/24')))].sort();
  expect(subnets).toHaveLength(2);
  await openPage(page, 'settings');
  await openPolicy(page, 'Test fleet');
  await openTab(page, 'Downloads');
  await typeSetting(page, 'additionalSubnets', subnets[1] ?? '');
  await save(page);
  expect(await messageOfSetting(page, 'additionalSubnets')).toContain(`does not list ${subnets[0]}`);
  await typeSetting(page, 'additionalSubnets', subnets.join('\n'));
  await settingRow(page, 'additionalSubnets').getByText('does not list').waitFor({ state: 'detached' });
  await save(page);
  expect(await settingRow(page, 'additionalSubnets').getByText('does not list').count()).toBe(0);
});

it('takes periods by keyboard and shows them among the effective settings of an agent', async () => {
  await openPage(page, 'settings');
  await openPolicy(page, 'Test fleet');
  await openTab(page, 'Downloads');
  await addPeriod(page, 'throttlingPeriods', { switchedDays: [0], from: '22', to: '6:00', text: '500' });
  await page.getByRole('tab', { name: 'Blockouts' }).press('Enter');
  await addPeriod(page, 'blockouts', { switchedDays: [0, 1, 2, 3, 4], from: '8', to: '9' });
  await settingRow(page, 'blockouts').getByText('Days: Choose at least one day.').waitFor();
  expect(await saveButton(page).isDisabled()).toBe(true);
  await addPeriod(page, 'blockouts', { switchedDays: [0, 5], from: '0000', to: '24:00' });
  await page.getByRole('button', { name: 'Remove period 1' }).press('Enter');
  // The focus stays where the work goes on.
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Remove period 1');
  await save(page);

  await openPage(page, 'agents');
  await agentRow(page, agents[0] ?? '')
    .getByRole('link', { name: agents[0] ?? '', exact: true })
    .click();
  await page.getByRole('tab', { name: 'Settings' }).click();
  const throttling = page.getByRole('row').filter({ hasText: 'Throttling periods' });
  await throttling.getByRole('cell', { name: 'Tue–Fri 22:00–06:00 (next day) 500 KB/s' }).waitFor();
  const blockouts = page.getByRole('row').filter({ hasText: 'Blockout periods' });
  await blockouts.getByRole('cell', { name: 'Tue–Sat all day no downloads' }).waitFor();
});

async function saveMaxDownload(kilobytesPerSecond: number): Promise<void> {
  await openPage(page, 'settings');
  await openPolicy(page, 'Test fleet');
  await openTab(page, 'Downloads');
  await typeSetting(page, 'maxDownload', String(kilobytesPerSecond));
  await save(page);
}
