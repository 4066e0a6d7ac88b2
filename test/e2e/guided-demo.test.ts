import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { openPage, signIn } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();
/** 20 blocks of 2 MiB, some 17 s over the links of the demo fleet: a first downloader can be killed on the way. */
const packageBytes = 20 * 2 * 1024 * 1024;
const agents = 12;

let page: Page;

beforeAll(async () => {
  const { folder, addDemoFleet, server } = console_.running;
  const packagePath = path.join(folder, 'demo.bin');
  writeFileSync(packagePath, randomBytes(packageBytes));
  addDemoFleet(packagePath);
  page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
});

const panel = () => page.getByRole('region', { name: 'Guided demo' });
const step = (name: string) => panel().getByRole('button', { name });
const told = (text: string | RegExp, timeout = 60_000) =>
  panel().getByRole('status').getByText(text).waitFor({ timeout });

it('begins with a demo fleet where a new server asks how', async () => {
  await page.getByRole('button', { name: 'Start a demo fleet of 12 agents on this computer' }).click();
  await page.getByRole('heading', { level: 1, name: 'Fleet' }).waitFor();
  await told('12 of 12 agents run in 3 subnets, the first behind a link of 20,000 kbit/s.');
  expect(await console_.running.client.call('firstRun', {})).toEqual({ choice: 'demo-fleet', isDue: false });
  await step('Done: Meet the fleet').waitFor();
  expect(await step('The first downloader dies').isDisabled()).toBe(true);
}, 90_000);

it('watches one copy cross each link, and opens the next step when all have the package', async () => {
  await step('One copy over each link').click();
  await told(/^Demo package 1\.0, 41\.9 MB: \d+ of 12 agents have it\./);
  const table = panel().getByRole('table', { name: 'What crossed the WAN links' });
  await table.getByRole('row', { name: 'Subnet B' }).waitFor();
  // The story goes on where it was, whatever page is looked at meanwhile.
  await openPage(page, 'deliveries');
  await openPage(page, 'fleet');
  await told('Copies over each WAN link, counted at the server’s sockets: 1.00, 1.00, 1.00.');
  await step('Done: One copy over each link').waitFor();
}, 120_000);

it('kills the first downloader on its way; another one goes on, and all get the package', async () => {
  await step('The first downloader dies').click();
  await panel().getByRole('button', { name: 'Deliver it again' }).click();
  const kill = panel().getByRole('button', { name: /^Kill [abc]-\d\d now$/ });
  await kill.waitFor({ timeout: 60_000 });
  const victim = /Kill (\S+) now/.exec(await kill.innerText())?.[1] ?? '';
  const before = (await console_.running.client.call('fleet', {})).agents.find(({ name }) => name === victim);
  await kill.click();
  await told(new RegExp(`^${victim} was killed at .* when \\d+(\\.\\d)? % had crossed the link`));
  await told(/claimed the rest/);
  await told(/All agents have the package all the same/, 90_000);
  await step('Done: The first downloader dies').waitFor();
  const { client } = console_.running;
  const after = (await client.call('fleet', {})).agents.find(({ name }) => name === victim);
  expect([after?.state, after?.restarts]).toEqual(['running', (before?.restarts ?? 0) + 1]);
  // A demo that is given often does not fill the disk: the version before is withdrawn.
  const versions = (await client.call('packages', {})).map(({ version, withdrawn }) => [version, withdrawn]);
  expect(versions.sort()).toEqual([
    ['1.0', true],
    ['1.1', false],
  ]);
}, 180_000);

it('lets the first downloader damage blocks: they are refused, and all have the package verified', async () => {
  await step('Damaged blocks').click();
  await panel().getByRole('button', { name: 'Deliver it again' }).click();
  const corrupt = panel().getByRole('button', { name: /^Let [abc]-\d\d damage blocks now$/ });
  await corrupt.waitFor({ timeout: 60_000 });
  const name = /Let (\S+) damage/.exec(await corrupt.innerText())?.[1] ?? '';
  await corrupt.click();
  await told(new RegExp(`^${name} damages blocks: \\d+ blocks? (was|were) refused, by ${name.slice(0, 2)}`));
  await told('12 of 12 agents have the package, every block of it verified.', 90_000);
  await step('Done: Damaged blocks').waitFor();
  await panel()
    .getByRole('button', { name: `Let ${name} hand out sound blocks again` })
    .click();
  await until(`${name} is sound`, 10_000, async () => {
    const fleet = await console_.running.client.call('fleet', {});
    return fleet.agents.every(({ impairments }) => !impairments.corrupts);
  });
}, 180_000);

it('leads to where every byte came from, and is done; a reload forgets nothing', async () => {
  await step('Where every byte came from').click();
  await told(/reached the agents that have the package; .* of it crossed WAN links/);
  await panel()
    .getByRole('link', { name: /^Where \S+ has its blocks from$/ })
    .click();
  await page.getByRole('tab', { name: 'Peer Downloading' }).waitFor();
  await page.goBack();
  await step('Done: Where every byte came from').waitFor();
  await page.reload();
  for (const name of ['Meet the fleet', 'One copy over each link', 'The first downloader dies', 'Damaged blocks']) {
    await step(`Done: ${name}`).waitFor();
  }
  await panel().getByRole('button', { name: 'Hide' }).click();
  await panel().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Show the guided demo' }).click();
  await panel().getByRole('button', { name: 'Begin again' }).click();
  await told(`${agents} of ${agents} agents run`);
  await page.getByRole('button', { name: 'Stop the demo fleet' }).click();
  const question = page.getByRole('alertdialog', { name: 'Stop the demo fleet?' });
  await question.getByRole('button', { name: 'Stop the fleet' }).click();
  await page.getByRole('button', { name: 'Start the demo fleet' }).waitFor({ timeout: 30_000 });
}, 90_000);
