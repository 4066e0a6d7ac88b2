import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { importPackage, packageRow } from './flows/packages.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
let agents: readonly string[] = [];

beforeAll(async () => {
  agents = await console_.running.startFleet({ agents: 4, subnets: 2 });
  writeFileSync(path.join(console_.running.folder, 'setup.sh'), '#!/bin/sh\nexit 0\n');
});

const wizard = (page: Page) => page.getByRole('dialog', { name: /^(Deliver|Change the delivery)/ });
const next = (page: Page) => wizard(page).getByRole('button', { name: 'Next', exact: true }).click();

async function confirm(page: Page, button: string, confirmation: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: confirmation, exact: true }).click();
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

it('delivers in stages, finds out why agents failed, and goes on', async () => {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await importPackage(page, { path: path.join(console_.running.folder, 'setup.sh'), name: 'Tool', version: '1.0' });
  await openPage(page, 'deliveries');
  await page.getByRole('heading', { name: 'Nothing has been delivered yet' }).waitFor();
  await page.getByRole('button', { name: 'New delivery' }).click();
  const choice = page.getByRole('dialog', { name: 'New delivery' });
  await choice.getByRole('button', { name: 'Next' }).click();
  await choice.getByText('Choose what to deliver.').waitFor();
  await choice.getByLabel('Package').selectOption({ label: 'Tool 1.0' });
  await choice.getByRole('button', { name: 'Next' }).click();

  await wizard(page).getByLabel('What row 1 asks for').selectOption('Sites');
  await page.keyboard.press('Escape');
  const question = page.getByRole('alertdialog', { name: 'Close without saving?' });
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await next(page);
  await wizard(page).getByText('Choose at least one site.').waitFor();
  await wizard(page).getByRole('checkbox').first().check();
  await wizard(page).getByText('Matches 2 agents now.').waitFor();
  await next(page);
  await wizard(page).getByRole('button', { name: 'Add stage' }).click();
  await wizard(page).getByText('Stage 2 – 2 agents now, without those of earlier stages').waitFor();
  await wizard(page).getByLabel('Done, at least').fill('120');
  await next(page);
  await wizard(page).getByText('Enter 100 or less.').waitFor();
  await wizard(page)
    .getByRole('radio', { name: /^By hand/ })
    .check();
  await next(page);
  await next(page);
  await wizard(page).getByRole('radio', { name: 'Install it' }).check();
  await wizard(page).getByLabel('When computers install').selectOption({ label: 'As soon as possible' });
  await wizard(page).getByLabel('Command').fill('nothing.sh');
  await next(page);
  await wizard(page).getByText('Stage 2 brings it to all agents (2 agents now').waitFor();
  await wizard(page).getByRole('button', { name: 'Deliver', exact: true }).click();
  await wizard(page).getByText('Installation: The package has no file "nothing.sh".').waitFor();
  await wizard(page).getByRole('button', { name: 'Put it right' }).click();
  await wizard(page).getByLabel('Command').fill('setup.sh');
  await next(page);
  await wizard(page).getByRole('button', { name: 'Deliver', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Tool 1.0' }).waitFor();

  // These agents were not started with --allow-execute.
  await page
    .getByRole('list', { name: 'Failures of stage 1' })
    .getByText('May not run commands: 2 agents')
    .waitFor({ timeout: 60_000 });
  const failed = page.getByRole('grid', { name: 'Agents of the delivery' });
  await failed
    .getByRole('row', { name: /May not run commands/ })
    .nth(1)
    .waitFor();
  await confirm(page, 'Begin next stage', 'Begin stage 2');
  await waitForNotice(page, 'Stage 2 of “Tool” 1.0 has begun.');
  await page.getByRole('list', { name: 'Failures of stage 2' }).waitFor({ timeout: 60_000 });
  await confirm(page, 'Retry failed', 'Retry failed agents');
  await page.getByText('1 ×').waitFor();
  await confirm(page, 'Cancel delivery', 'Cancel delivery');
  await page.getByText('Cancelled', { exact: true }).first().waitFor();
  expect(await page.getByRole('button', { name: 'Retry failed' }).count()).toBe(0);

  await page.getByLabel('Show agents').selectOption({ label: 'All that told something' });
  const [name = ''] = agents;
  await failed.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
});

it('changes, pauses and resumes a delivery that has not begun', async () => {
  const { client, server } = console_.running;
  const [entry] = await client.call('packages', {});
  if (entry === undefined) throw new Error('the package of the test before is missing');
  const made = await client.call('createDelivery', {
    body: {
      ...{ guid: entry.guid, version: entry.version, priority: 'background', target: { kind: 'all' } },
      availableFromMs: Date.now() + 86_400_000,
    },
  });
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await page.goto(`${server.consoleUrl}/#/deliveries/${made.id}`);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  await wizard(page).getByRole('radio', { name: 'Normal' }).check();
  await wizard(page).getByRole('tab', { name: 'Times' }).click();
  await wizard(page).getByRole('radio', { name: 'From then on nothing waits' }).check();
  await wizard(page).getByLabel('Deadline: from then on nothing waits').fill('2020-01-01T08:00');
  await wizard(page).getByRole('tab', { name: 'Summary' }).click();
  await wizard(page).getByText('Times: The deadline has to come after').waitFor();
  await wizard(page).getByRole('button', { name: 'Put it right' }).click();
  await wizard(page).getByLabel('Deadline: from then on nothing waits').fill('2120-01-01T08:00');
  await wizard(page).getByRole('tab', { name: 'Summary' }).click();
  await wizard(page).getByRole('button', { name: 'Save changes' }).click();
  await waitForNotice(page, 'The delivery of “Tool” 1.0 is changed.');
  await confirm(page, 'Pause', 'Pause delivery');
  await page.getByText('Paused', { exact: true }).first().waitFor();
  await confirm(page, 'Resume', 'Resume delivery');
  await page.getByText('Scheduled', { exact: true }).first().waitFor();
  const changed = await client.call('delivery', { params: { id: made.id } });
  expect(changed).toMatchObject({ priority: 'normal', status: 'scheduled', availableFromMs: made.availableFromMs });
  expect(changed.deadlineMs).toBe(new Date(2120, 0, 1, 8).getTime());
});

it('offers helpdesk nothing that it may not do', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'deliveries');
  await page.getByRole('row', { name: /Tool 1\.0.*Scheduled/ }).click();
  await page.getByRole('heading', { level: 1, name: 'Tool 1.0' }).waitFor();
  await page.getByRole('region', { name: 'Stages' }).getByText('Stage 1: All agents').waitFor();
  for (const name of ['Pause', 'Change', 'Begin next stage', 'Cancel delivery']) {
    expect(await page.getByRole('button', { name, exact: true }).count(), name).toBe(0);
  }
  await openPage(page, 'packages');
  await packageRow(page, 'Tool').waitFor();
  expect(await page.getByRole('button', { name: 'Deliver Tool 1.0' }).count()).toBe(0);
});
