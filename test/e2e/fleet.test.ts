import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { FleetAgentStatus } from '../../shared/contracts/fleet.ts';
import { deliverToAll, importPackage } from './flows/packages.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();
/** 24 blocks of 2 MiB, some 10 s into each subnet at this rate. */
const packageBytes = 24 * 2 * 1024 * 1024;
const wanKilobitsPerSecond = 40_000;

let page: Page;

beforeAll(async () => {
  page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
});

const tile = (name: string): Locator => page.getByRole('listitem', { name, exact: true });
const choice = (name: string): Locator => page.getByRole('checkbox', { name: `Choose ${name}`, exact: true });
const bar = (): Locator => page.getByRole('toolbar', { name: 'Actions for the chosen agents' });
const question = (name: string): Locator => page.getByRole('alertdialog', { name });

async function status(name: string): Promise<FleetAgentStatus> {
  const { agents } = await console_.running.client.call('fleet', {});
  const found = agents.find((agent) => agent.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

it('says how to get agents while none lives in the computer', async () => {
  await openPage(page, 'fleet');
  await page.getByRole('heading', { name: 'No agent lives in this computer' }).waitFor();
  await page.getByText('npx fanout serve --demo-fleet').waitFor();
});

it('shows agents by subnet, with the page of each', async () => {
  await console_.running.startFleet({ agents: 4, subnets: 2, wanKilobitsPerSecond });
  const subnet = page.getByRole('region', { name: 'Subnet A' });
  await subnet.getByText('2 of 2 agents running').waitFor();
  await subnet.getByText('40,000 kbit/s').waitFor();
  await tile('a-01').getByText('Running').waitFor();
  await tile('b-02').getByText('No package is meant for it').waitFor();
  await tile('a-01').getByRole('link', { name: 'a-01' }).click();
  await page.getByRole('heading', { level: 1, name: 'a-01' }).waitFor();
  await page.goBack();
});

it('shows what each does with a package while it does it: how far, and how fast from where', async () => {
  const { folder } = console_.running;
  const file = path.join(folder, 'watched.bin');
  writeFileSync(file, randomBytes(packageBytes));
  await importPackage(page, { path: file, name: 'Watched', version: '1.0' });
  await deliverToAll(page, 'Watched');
  await openPage(page, 'fleet');
  const tiles = page.getByRole('list', { name: 'Agents of Subnet A' }).getByRole('listitem');
  await tiles
    .first()
    .getByText(/^\d+(\.\d)? % of Watched 1\.0$/)
    .waitFor();
  // One of them fetches for both, the other has it from that one.
  await tiles
    .getByText(/^\d+(\.\d+)? [KM]B\/s direct · 0 B\/s peers$/)
    .first()
    .waitFor();
  await tiles
    .getByText(/^0 B\/s direct · \d+(\.\d+)? [KM]B\/s peers$/)
    .first()
    .waitFor();
  for (const name of ['a-01', 'a-02', 'b-01', 'b-02']) {
    await tile(name).getByText('1 of 1 package ready').waitFor({ timeout: 60_000 });
  }
});

it('stops and starts agents by keys alone, after a question that says what will happen', async () => {
  await choice('a-01').focus();
  await page.keyboard.press('Space');
  await choice('b-01').focus();
  await page.keyboard.press('Space');
  await bar().getByText('2 agents').waitFor();
  await bar().getByRole('button', { name: 'Stop' }).press('Enter');
  const asked = question('Stop a-01 and b-01?');
  await asked.getByText('stay stopped until somebody starts them').waitFor();
  await asked.getByRole('button', { name: 'Stop agents' }).press('Enter');
  await tile('a-01').getByText('Stopped').waitFor();
  await tile('b-01').getByText('Stopped').waitFor();
  expect((await status('a-01')).state).toBe('stopped');
  expect((await status('a-02')).state).toBe('running');
  await bar().getByRole('button', { name: 'Start' }).press('Enter');
  await tile('a-01').getByText('Running').waitFor();
  await tile('b-01').getByText('Running').waitFor();
  await bar().getByRole('button', { name: 'Clear' }).click();
});

it('kills a process after naming all whom it hosts; they come back by themselves', async () => {
  const { workerPid, restarts } = await status('b-02');
  await choice('b-02').check();
  await bar().getByRole('button', { name: 'Kill' }).click();
  const asked = question('Kill the process of b-02?');
  await asked.getByText('b-01 and b-02 share this process').waitFor();
  await asked.getByRole('button', { name: 'Kill process' }).click();
  await waitForNotice(page, /was killed; it is restarted by itself/);
  await until('both run again', 20_000, async () => {
    const both = [await status('b-01'), await status('b-02')];
    return both.every((agent) => agent.state === 'running' && agent.workerPid !== workerPid);
  });
  expect((await status('b-02')).restarts).toBe(restarts + 1);
  await tile('b-02').getByText('Running').waitFor();
  await bar().getByRole('button', { name: 'Clear' }).click();
});

it('slows agents down, damages their blocks, unplugs them and takes it all back', async () => {
  await page.getByRole('checkbox', { name: 'Choose all agents of Subnet A' }).check();
  await bar().getByText('2 agents').waitFor();
  await bar().getByRole('button', { name: 'Slow down' }).click();
  const slow = page.getByRole('dialog', { name: 'Slow a-01 and a-02 down' });
  const rate = slow.getByLabel('Packages travel at most at');
  await rate.fill('0');
  await slow.getByRole('button', { name: 'Slow down' }).click();
  await slow.getByText('Enter 1 KB/s or more.').waitFor();
  await rate.fill('125');
  await slow.getByRole('button', { name: 'Slow down' }).click();
  await tile('a-02').getByText('125 KB/s at most').waitFor();
  await choice('a-02').uncheck();
  for (const [button, title, confirm, words] of [
    ['Damage blocks', 'Let a-01 hand out damaged blocks?', 'Damage blocks', 'Damages blocks'],
    ['Unplug', 'Unplug a-01?', 'Unplug', 'Unplugged'],
  ] as const) {
    await bar().getByRole('button', { name: button }).click();
    await question(title).getByRole('button', { name: confirm }).click();
    await tile('a-01').getByText(words).waitFor();
  }
  expect((await status('a-01')).impairments).toEqual({ kilobytesPerSecond: 125, corrupts: true, isUnplugged: true });
  await tile('a-01').getByText('not online at the server').waitFor({ timeout: 60_000 });
  for (const button of ['Plug in', 'Sound blocks', 'Full speed']) {
    await bar().getByRole('button', { name: button }).click();
    await bar().getByRole('button', { name: button }).waitFor({ state: 'detached' });
  }
  expect((await status('a-01')).impairments).toEqual({ kilobytesPerSecond: null, corrupts: false, isUnplugged: false });
  expect((await status('a-02')).impairments.kilobytesPerSecond).toBe(125);
});

it('moves an agent to another subnet, where it gets an address', async () => {
  await bar().getByRole('button', { name: 'Move' }).click();
  const dialog = page.getByRole('dialog', { name: 'Move a-01' });
  const { subnets } = await console_.running.client.call('fleet', {});
  const [own = '', other = ''] = subnets.map(({ subnet }) => subnet);
  await dialog.getByLabel('To').selectOption({ label: `Subnet A, ${own}` });
  await dialog.getByRole('button', { name: 'Move agent' }).click();
  await dialog.getByText('Choose another one').waitFor();
  await dialog.getByLabel('To').selectOption({ label: `Subnet B, ${other}` });
  await dialog.getByRole('button', { name: 'Move agent' }).click();
  const there = page.getByRole('list', { name: 'Agents of Subnet B' }).getByRole('listitem', { name: 'a-01' });
  await there.getByText(other.replace('0/24', '')).waitFor();
  expect((await status('a-01')).subnet).toBe(other);
});

it('puts the computer of an agent on battery', async () => {
  await bar().getByRole('button', { name: 'Conditions' }).click();
  const dialog = page.getByRole('dialog', { name: 'Conditions of a-01' });
  await dialog.getByRole('checkbox', { name: 'On battery' }).check();
  await dialog.getByLabel('Processor load').fill('90');
  await dialog.getByRole('button', { name: 'Set conditions' }).click();
  await tile('a-01').getByText('On battery').waitFor();
  await tile('a-01').getByText('CPU 90 %').waitFor();
  expect((await status('a-01')).conditions).toMatchObject({ onBattery: true, cpuLoadPercent: 90, vpn: false });
});

it('shows helpdesk the fleet, and nothing that it may not do', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'fleet');
  await tile('a-01').getByText('On battery').waitFor();
  expect(await page.getByRole('main').getByRole('checkbox').count()).toBe(0);
  expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
});
