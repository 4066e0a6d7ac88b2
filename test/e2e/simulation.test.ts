import { readFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { defaultSimulationRequest } from '../../shared/contracts/simulation.ts';
import { simulationJobSchema } from '../../shared/contracts/simulations-api.ts';
import { openPolicy, settingRow } from './flows/settings.ts';
import { openPage, signIn, signInWithPassword } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
const resultWithinMs = 45_000;
let page: Page;

beforeAll(async () => {
  const { client } = console_.running;
  const settings = { ...defaultAgentSettings, peerDownloading: true };
  await client.call('createPolicy', { body: { name: 'Peers', target: { kind: 'all' }, settings } });
  page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
});

function figures(where: Page | Locator): Locator {
  return where.getByRole('table', { name: 'In figures' });
}

/** As a person types it, field by field. */
async function describeOrganisation(where: Page, agents: number, sites: number): Promise<void> {
  await where.getByRole('radio', { name: 'A generated one' }).click();
  await where.getByLabel('Agents', { exact: true }).fill(String(agents));
  await where.getByLabel('Sites', { exact: true }).fill(String(sites));
  await where.getByLabel('Of these, regions').fill('1');
  await where.getByLabel('Package Servers').selectOption('none');
}

it('compares two policies in a generated organisation, and has an address for the result', async () => {
  await openPage(page, 'simulation');
  await page.getByText('Nothing is simulated yet').waitFor();
  await describeOrganisation(page, 8, 2);
  await page.getByLabel('Policy', { exact: true }).selectOption('Peers');
  await page.getByLabel('Compare with').selectOption('Global');
  await page.getByRole('button', { name: 'Simulate', exact: true }).click();
  await figures(page).waitFor({ timeout: resultWithinMs });
  const ready = figures(page).getByRole('row', { name: /^Agents ready/ });
  expect(await ready.innerText()).toMatch(/8 of 8\s+8 of 8/);
  await page.getByText('Peers against Global:').waitFor();
  for (const part of ['Penetration over time', 'WAN bytes by site', 'Why direct?', 'Assumptions']) {
    await page.getByRole('region', { name: part, exact: true }).waitFor();
  }
  await page.getByText('All branches are alike, and all regions').waitFor();

  const theirs = await console_.newPage();
  await signIn(theirs, console_.running.server.makeSignInLink());
  await theirs.goto(page.url());
  await figures(theirs).waitFor();
  expect(await figures(theirs).innerText()).toBe(await figures(page).innerText());
  expect(await theirs.getByLabel('Agents', { exact: true }).inputValue()).toBe('8');
});

it('exports the result, and the sites as a table', async () => {
  const [json] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export JSON' }).click(),
  ]);
  const job = simulationJobSchema.parse(JSON.parse(readFileSync(await json.path(), 'utf8')));
  expect(job.results?.map(({ ready }) => ready)).toEqual([8, 8]);
  const sites = page.getByRole('region', { name: 'WAN bytes by site' });
  const [csv] = await Promise.all([
    page.waitForEvent('download'),
    sites.getByRole('button', { name: 'Export CSV' }).click(),
  ]);
  const lines = readFileSync(await csv.path(), 'utf8')
    .trim()
    .split(/\r?\n/);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toContain('Peers: copies');
});

it('says beside the field what is wrong, and does not start', async () => {
  await page.getByLabel('Sites', { exact: true }).fill('20');
  await page.getByText('20 sites need at least one agent each: more agents, or fewer sites.').waitFor();
  const button = page.getByRole('button', { name: 'Simulate', exact: true });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await page.getByLabel('Sites', { exact: true }).fill('2');
});

it('cancels, and says so', async () => {
  await describeOrganisation(page, 20_000, 100);
  await page.getByLabel('How much is simulated').selectOption('all');
  await page.getByRole('button', { name: 'Simulate', exact: true }).click();
  await page.getByRole('progressbar', { name: 'Simulation' }).waitFor();
  await page.getByRole('button', { name: 'Cancel simulation' }).click();
  await page.getByText('The simulation was cancelled.').waitFor();
});

it('explains a server without agents, and an address that is no longer there', async () => {
  await page.getByRole('radio', { name: /^The sites of this server/ }).click();
  await page.getByRole('button', { name: 'Simulate', exact: true }).click();
  await page.getByText('No agent has ever reported to this server').waitFor();
  await page.goto(`${console_.running.server.consoleUrl}/#/simulation/gone`);
  await page.getByText('This simulation is not there').waitFor();
});

it('helpdesk simulates as well', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'kim', role: 'helpdesk', password } });
  const theirs = await console_.newPage();
  await signInWithPassword(theirs, server.consoleUrl, 'kim', password);
  await openPage(theirs, 'simulation');
  await describeOrganisation(theirs, 4, 2);
  await theirs.getByRole('button', { name: 'Simulate', exact: true }).click();
  await figures(theirs).waitFor({ timeout: resultWithinMs });
});

it('previews an edited policy beside the saved one, and leaves nothing behind', async () => {
  await console_.running.startFleet({ agents: 4, subnets: 2, wanKilobitsPerSecond: 20_000 });
  await openPage(page, 'settings');
  await openPolicy(page, 'Peers');
  await settingRow(page, 'peerDownloading').getByRole('switch').click();
  await page.getByRole('button', { name: 'Preview impact' }).click();
  const dialog = page.getByRole('dialog', { name: 'Impact of “Peers”' });
  await figures(dialog).waitFor({ timeout: resultWithinMs });
  await dialog.getByText('With your changes against As saved:').waitFor();
  const share = await figures(dialog)
    .getByRole('row', { name: /^Peer share/ })
    .innerText();
  expect(share).toMatch(/Peer share\s+0 %\s+[1-9]/);
  await dialog.getByRole('button', { name: 'Close', exact: true }).click();
  // The focus is back, the edit is still there, and nothing was saved.
  const button = page.getByRole('button', { name: 'Preview impact' });
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  const policies = await console_.running.client.call('policies', {});
  expect(policies.find(({ name }) => name === 'Peers')).toMatchObject({
    version: 1,
    settings: { peerDownloading: true },
  });
}, 120_000);

it('a preview that is closed before it is done is cancelled', async () => {
  const { client } = console_.running;
  // One that is long keeps the preview waiting.
  const { settings: _settings, organisation, ...usual } = defaultSimulationRequest;
  if (organisation.kind !== 'generated') throw new Error('by default an organisation is generated');
  const variants = [{ name: 'Long', settings: null }];
  const long = await client.call('startSimulation', {
    body: { ...usual, organisation, variants, maximumWallSeconds: null },
  });
  await page.getByRole('button', { name: 'Preview impact' }).click();
  await page.getByText('Another simulation runs; this one waits for its turn.').waitFor();
  const states = async () => (await client.call('simulations', {})).slice(0, 2).map(({ state }) => state);
  expect(await states()).toEqual(['waiting', 'running']);
  await page.keyboard.press('Escape');
  await expect.poll(states, { timeout: 10_000 }).toEqual(['cancelled', 'running']);
  await client.call('cancelSimulation', { params: { id: long.id } });
});
