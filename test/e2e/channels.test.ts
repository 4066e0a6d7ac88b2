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

it('sets the hours of a channel, the terms of a package, and takes a manifest after saying what is wrong with it', async () => {
  const { client, folder, server } = console_.running;
  const [channel] = await client.call('channels', {});
  const [entry] = await client.call('packages', {});
  if (channel === undefined || entry === undefined) throw new Error('the story before left a channel and a package');
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await page.goto(`${server.consoleUrl}/#/channels/${channel.id}`);
  await page.getByRole('button', { name: 'Change', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /^Change/ });
  await dialog.getByRole('button', { name: 'Add window' }).click();
  await dialog.getByText('Times are those of each Package Server’s clock.').waitFor();
  // A colleague saves meanwhile: what was entered stays.
  const { id, version, name, priority, subscribers } = channel;
  await client.call('updateChannel', {
    params: { id },
    body: { name, priority, subscribers, items: [], windows: [], description: 'For all offices', version },
  });
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await dialog.getByText(/saved this since you opened it and changed description/).waitFor();
  await dialog.getByRole('button', { name: 'Save changes' }).click();
  await page.getByText('Mon–Fri 20:00–06:00 (next day)').waitFor();
  await page.getByText('For all offices').waitFor();

  const manifest = (...lines: string[]) => ['<channel-manifest>', ...lines, '</channel-manifest>'].join('\n');
  const write = (file: string, text: string) => {
    const target = path.join(folder, file);
    writeFileSync(target, text);
    return target;
  };
  await page.getByRole('button', { name: 'Import manifest' }).click();
  const importing = page.getByRole('dialog', { name: /^Import a manifest/ });
  const field = importing.getByLabel('File: Manifest');
  await field.setInputFiles(write('wrong.xml', manifest('<item guid="nothing"/>', '<item version="1"/>')));
  const wrong = importing.getByRole('list', { name: 'What is wrong' });
  await wrong.getByText(/^Line 2: /).waitFor();
  await wrong.getByText(/^Line 3: /).waitFor();
  await field.setInputFiles(write('right.xml', manifest(`<item guid="${entry.guid}" version="1.0"/>`)));
  await importing.getByText('“Office” 1.0 would be added.').waitFor();
  expect((await client.call('channel', { params: { id } })).items).toEqual([]);
  await importing.getByRole('button', { name: 'Import manifest' }).click();
  await page.getByRole('list', { name: 'Last manifest' }).getByText('“Office” 1.0 is added.').waitFor();

  await page.getByRole('button', { name: 'Terms of Office' }).click();
  const terms = page.getByRole('dialog', { name: /“Office” 1.0 in/ });
  await terms.getByLabel('Not before').fill('2100-01-02T03:04');
  await terms.getByLabel('Expires').fill('2100-01-01T00:00');
  await terms.getByRole('button', { name: 'Save changes' }).click();
  await terms.getByText('The package has to expire after').waitFor();
  await terms.getByLabel('Expires').fill('2101-01-01T00:00');
  await terms.getByLabel('Priority').selectOption('Emergency');
  await terms.getByRole('button', { name: 'Save changes' }).click();
  await waitForNotice(page, '“Office” has other terms');
  const { items } = await client.call('channel', { params: { id } });
  expect(items).toMatchObject([{ priority: 'emergency', notBeforeMs: new Date('2100-01-02T03:04').getTime() }]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitForNotice(page, /^Undone:/);
  expect((await client.call('channel', { params: { id } })).items).toMatchObject([
    { priority: null, notBeforeMs: null },
  ]);
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
  expect(
    await helpdesk.getByRole('button', { name: /Add package|Import|Subscribers|Change|Delete|Terms|Remove/ }).count(),
  ).toBe(0);

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
