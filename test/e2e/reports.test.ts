import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Download, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { formatBytes } from '../../renderer/components/format.ts';
import { deliverToAll, importPackage, waitForReady } from './flows/packages.ts';
import { openPage, signIn, signInWithPassword, waitForTile } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();
const sizeBytes = 6 * 1024 * 1024;
const dayMs = 86_400_000;
let page: Page;
let agents: readonly string[] = [];

beforeAll(async () => {
  const { running } = console_;
  page = await console_.newPage();
  agents = await running.startFleet({ agents: 4, subnets: 2 });
  await signIn(page, running.server.makeSignInLink());
  const file = path.join(running.folder, 'reported.bin');
  writeFileSync(file, randomBytes(sizeBytes));
  await importPackage(page, { path: file, name: 'Reported', version: '1.0' });
  await deliverToAll(page, 'Reported');
  await waitForReady(page, 'Reported', agents.length, 60_000);
  await until('all bytes are told', 30_000, async () => {
    const { total } = await running.client.call('trafficReport', { query: {} });
    const reasons = await running.client.call('directReasonsReport', { query: {} });
    const told = total.notificationServerBytes + total.peerBytes;
    return told >= agents.length * sizeBytes && reasons.rows.length > 0;
  });
}, 150_000);

function section(name: string) {
  return page.getByRole('region', { name, exact: true });
}

async function saved(download: Promise<Download>): Promise<{ name: string; content: Buffer }> {
  const file = await download;
  return { name: file.suggestedFilename(), content: readFileSync(await file.path()) };
}

it('goes from a site over its subnet down to the page of an agent', async () => {
  const { client } = console_.running;
  const [site] = await client.call('sites', {});
  if (site === undefined) throw new Error('there is no site');
  const { total } = await client.call('trafficReport', { query: {} });
  await openPage(page, 'reports');
  await section('Direct and peer bytes')
    .getByText(`${formatBytes(total.notificationServerBytes)} direct, ${formatBytes(total.peerBytes)} from peers`)
    .waitFor();
  await section('By site').getByRole('button', { name: 'Show table' }).click();
  await section('By site').getByRole('link', { name: site.name, exact: true }).click();
  await section('By subnet').waitFor();
  expect(new URL(page.url()).hash).toBe(`#/reports/traffic?by=subnet&siteId=${site.id}`);
  const subnet = site.subnets[0] ?? '';
  await section('By subnet').getByRole('link', { name: subnet, exact: true }).click();
  const there = page.getByRole('grid', { name: `Agents in ${subnet}` });
  await there.getByRole('row').nth(2).waitFor();
  const link = there.getByRole('link').first();
  const chosen = await link.innerText();
  expect(agents).toContain(chosen);
  await link.click();
  await page.getByRole('heading', { level: 1, name: chosen }).waitFor();
});

it('saves a chart as a picture and its table as CSV', async () => {
  await openPage(page, 'reports');
  const chart = section('Direct and peer bytes');
  const picture = page.waitForEvent('download');
  await chart.getByRole('button', { name: 'Save picture' }).click();
  const { name, content } = await saved(picture);
  expect(name).toBe('direct-and-peer-bytes.png');
  expect(content.subarray(1, 4).toString()).toBe('PNG');
  const box = await chart.locator('svg.recharts-surface').first().boundingBox();
  expect(content.readUInt32BE(16)).toBeGreaterThan((box?.width ?? 0) * 2);
  const table = page.waitForEvent('download');
  await chart.getByRole('button', { name: 'Export CSV' }).click();
  const csv = (await saved(table)).content.toString();
  expect(csv.split('\r\n')[0]?.slice(1)).toBe('From,Direct,Peer');
  const direct = csv
    .split('\r\n')
    .slice(1, -1)
    .map((line) => Number(line.split(',')[1]));
  const { total } = await console_.running.client.call('trafficReport', { query: {} });
  expect(direct.reduce((sum, bytes) => sum + bytes, 0)).toBe(total.notificationServerBytes);
});

it('shows helpdesk the same report by an address that was sent', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'kim', role: 'helpdesk', password } });
  const { rows } = await client.call('wanCopiesReport', { query: { per: 'site' } });
  const theirs = await console_.newPage();
  await signInWithPassword(theirs, server.consoleUrl, 'kim', password);
  await theirs.goto(`${server.consoleUrl}/#/reports/wan-copies?by=site&range=28d`);
  const copies = theirs.getByRole('region', { name: 'WAN copies', exact: true });
  await copies.getByRole('button', { name: 'Show table' }).click();
  for (const row of rows) {
    await copies.getByRole('row', { name: `${row.siteName} Reported 1.0 ${row.copies.toFixed(2)}` }).waitFor();
  }
  await copies.getByRole('link', { name: 'Reported 1.0' }).first().click();
  const why = theirs.getByRole('region', { name: 'Why direct?', exact: true });
  await why.getByRole('button', { name: 'Show table' }).click();
  await why
    .getByRole('row', { name: /Notification Server/ })
    .first()
    .waitFor();
  await theirs.getByRole('region', { name: /^Agents in / }).waitFor();
});

it('says why a time is too wide, and what to do', async () => {
  const from = new Date(Date.now() - 60 * dayMs).toISOString();
  await page.goto(`${console_.running.server.consoleUrl}/#/reports/wan-copies?from=${from}`);
  await page.getByRole('heading', { name: 'This report cannot be made like this' }).waitFor();
  await page.getByText('at most 31 days').waitFor();
  await page.getByRole('link', { name: 'Show the last 24 hours, without filters' }).click();
  await section('WAN copies').getByRole('button', { name: 'Show table' }).waitFor();
});

it('shows how a package spread, and who fetched it first', async () => {
  await openPage(page, 'reports');
  await page.getByRole('tab', { name: 'Penetration' }).click();
  await page.getByLabel('Package or delivery').selectOption({ label: 'Reported 1.0' });
  await section('Penetration of Reported 1.0').getByText(`${agents.length} of ${agents.length} agents ready`).waitFor();
  await page.getByRole('tab', { name: 'First downloaders' }).click();
  await page
    .getByRole('grid', { name: 'First downloaders' })
    .getByRole('row', { name: /Reported 1.0/ })
    .first()
    .waitFor();
});

it('tells on the Overview what was spared and how far each package is', async () => {
  const { total } = await console_.running.client.call('savingsReport', { query: {} });
  expect(total.savedBytes).toBeGreaterThan(0);
  await openPage(page, 'overview');
  await waitForTile(page, 'Saved on WAN links', formatBytes(total.savedBytes), 15_000);
  const penetration = section('Penetration');
  await penetration.getByText(`${agents.length} of ${agents.length} ready`).waitFor();
  await penetration.getByText('100 %').waitFor();
  await penetration.getByRole('link', { name: 'Reported 1.0' }).click();
  await page.getByRole('heading', { level: 1, name: 'Reported' }).waitFor();
});

it('saves the live chart of the Overview as a picture and as CSV', async () => {
  await openPage(page, 'overview');
  const chart = section('Direct and peer traffic');
  await chart.getByText('The last 15 minutes, means of 5 s.').waitFor();
  const picture = page.waitForEvent('download');
  await chart.getByRole('button', { name: 'Save picture' }).click();
  expect((await saved(picture)).content.subarray(1, 4).toString()).toBe('PNG');
  const table = page.waitForEvent('download');
  await chart.getByRole('button', { name: 'Export CSV' }).click();
  const csv = (await saved(table)).content.toString();
  expect(csv.split('\r\n')[0]?.slice(1)).toBe('From,Direct,Peer');
  expect(csv).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z,[1-9]/m);
});

it('shows the last 24 hours on the Overview too', async () => {
  await openPage(page, 'overview');
  await page.getByRole('tab', { name: '24 hours' }).click();
  await section('Direct and peer traffic')
    .getByText(/by hour: .* direct, .* from peers/)
    .waitFor();
});
