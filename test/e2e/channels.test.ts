import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { importPackage } from './flows/packages.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('brings a package to the Package Server of a site before anybody asks for it', async () => {
  const { client, folder, server, startFleet } = console_.running;
  await startFleet({ agents: 2, subnets: 1 });
  const [agent] = await client.call('agents', {});
  if (agent === undefined) throw new Error('the fleet has agents');
  await client.call('addPackageServer', { body: { agentId: agent.agentId } });
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  const source = path.join(folder, 'office.bin');
  writeFileSync(source, Buffer.alloc(3_000_000, 7));
  await openPage(page, 'packages');
  await importPackage(page, { path: source, name: 'Office', version: '1.0' });

  await openPage(page, 'channels');
  await page.getByRole('heading', { name: 'There are no channels yet' }).waitFor();
  await page.getByRole('button', { name: 'Make channel' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make a channel' });
  await dialog.getByRole('button', { name: 'Make channel' }).click();
  await dialog.getByText('Enter a name.').waitFor();
  await dialog.getByLabel('Name').fill('Standard software');
  await dialog.getByRole('button', { name: 'Make channel' }).click();
  await page.getByRole('heading', { level: 1, name: 'Standard software' }).waitFor();
  await page.getByText('Nobody keeps it yet.').waitFor();

  await page.getByRole('button', { name: 'Add package' }).click();
  const adding = page.getByRole('dialog', { name: /^Add a package/ });
  await adding.getByLabel('Package').selectOption({ label: 'Office' });
  await adding.getByRole('button', { name: 'Add package' }).click();
  await waitForNotice(page, '“Office” is in “Standard software” now.');

  await page.getByRole('button', { name: 'Subscribers' }).click();
  const subscribing = page.getByRole('dialog', { name: /^Who keeps/ });
  await subscribing.getByRole('checkbox', { name: agent.name }).check();
  await subscribing.getByRole('button', { name: 'Save subscribers' }).click();
  await page.getByText('1 Package Server by name: 1 Package Server now.').waitFor();
  const matrix = page.getByRole('table', { name: 'Replication' });
  await matrix.getByRole('row', { name: /Office .*Complete/ }).waitFor({ timeout: 30_000 });
  const { copies } = await client.call('channelCopies', { query: {} });
  expect(copies).toMatchObject([{ state: 'complete', percent: 100, agentId: agent.agentId }]);
  await openPage(page, 'channels');
  await page.getByRole('row', { name: /Standard software 1 1 100 % of 1 copy/ }).waitFor();
});

it('lets helpdesk look, and deletes a channel after naming what happens', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const helpdesk = await console_.newPage();
  await signInWithPassword(helpdesk, server.consoleUrl, 'lee', password);
  await openPage(helpdesk, 'channels');
  await helpdesk.getByRole('row', { name: /Standard software/ }).click();
  await helpdesk.getByRole('table', { name: 'Replication' }).waitFor();
  expect(await helpdesk.getByRole('button', { name: /Add package|Subscribers|Change|Delete|Remove/ }).count()).toBe(0);

  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'channels');
  await page.getByRole('row', { name: /Standard software/ }).click();
  await page.getByRole('button', { name: 'Delete…' }).click();
  const question = page.getByRole('alertdialog', { name: 'Delete “Standard software”?' });
  await question.getByText('The audit trail can bring the channel back.').waitFor();
  await question.getByRole('button', { name: 'Delete channel' }).click();
  await waitForNotice(page, '“Standard software” is deleted.');
  expect(await client.call('channels', {})).toEqual([]);
});
