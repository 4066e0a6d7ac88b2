import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { defaultSiteSettings } from '../../shared/contracts/site-settings.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

beforeAll(async () => {
  for (const [index, name] of ['Branch North', 'Branch South'].entries()) {
    await console_.running.client.call('createSite', {
      body: { name, subnets: [`10.${index + 1}.0.0/16`], wanKilobitsPerSecond: 0 },
    });
  }
});

async function openSiteSettings(): Promise<Page> {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'siteSettings');
  return page;
}

async function namesInOrder(): Promise<string[]> {
  return (await console_.running.client.call('siteSettings', {})).map(({ name }) => name);
}

it('adds a rule, changes it, orders and deletes it, and takes changes back', async () => {
  const { client } = console_.running;
  const page = await openSiteSettings();
  await page.getByRole('heading', { name: 'There are no targeted site settings' }).waitFor();
  await page.getByRole('button', { name: 'Add site settings' }).click();
  const add = page.getByRole('dialog', { name: 'Add site settings' });
  await add.getByRole('button', { name: 'Add site settings' }).click();
  await add.getByText('Enter a name.').waitFor();
  await add.getByText('Choose at least one site.').waitFor();
  await add.getByLabel('Name').fill('Branches');
  await add.getByRole('checkbox', { name: 'Branch North' }).check();
  const outbound = add.getByLabel('Package Servers send out together');
  await outbound.fill('many');
  await add.getByText('Enter a whole number from 0 to 10,000,000; 0 = unlimited.').waitFor();
  await outbound.fill('1500');
  await add.getByRole('switch', { name: 'No downloads from the Notification Server' }).check();
  await add.getByText('while no Package Server can be reached, nothing new arrives').waitFor();
  await add.getByRole('button', { name: 'Add site settings' }).click();
  await waitForNotice(page, '“Branches” is added, last in the order.');
  const panel = page.getByRole('complementary', { name: 'Branches' });
  await panel.getByText('1,500 KB/s').waitFor();
  await page.getByRole('row', { name: /1 Branches Branch North 1,500 KB\/s Notification Server/ }).waitFor();
  const [added] = await client.call('siteSettings', {});
  expect(page.url()).toContain(`#/settings/targeted-site-settings/${added?.id}`);

  await panel.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit “Branches”' });
  await edit.getByLabel('Package Servers send out together').fill('0');
  await edit.getByRole('radio', { name: 'All sites' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Go on' }).click();
  await edit.getByRole('button', { name: 'Save site settings' }).click();
  await panel.getByText('2 sites').waitFor();
  expect(await client.call('siteSettings', {})).toMatchObject([
    { target: { kind: 'all' }, settings: { sharedOutboundKilobytesPerSecond: 0, preventNotificationServer: true } },
  ]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await panel.getByText('1,500 KB/s').waitFor();

  await client.call('createSiteSettings', {
    body: { name: 'Everywhere', target: { kind: 'all' }, settings: defaultSiteSettings },
  });
  await panel.getByText('1 of 2').waitFor();
  expect(await panel.getByRole('button', { name: 'Move up' }).getAttribute('aria-disabled')).toBe('true');
  await panel.getByRole('button', { name: 'Move down' }).click();
  await waitForNotice(page, '“Branches” is 2 of 2 now.');
  await panel.getByText('2 of 2').waitFor();
  expect(await namesInOrder()).toEqual(['Everywhere', 'Branches']);
  await panel.getByRole('button', { name: 'Move up' }).click();
  await panel.getByText('1 of 2').waitFor();
  expect(await namesInOrder()).toEqual(['Branches', 'Everywhere']);

  await panel.getByRole('button', { name: 'Delete…' }).click();
  const confirm = page.getByRole('alertdialog', { name: 'Delete “Branches”?' });
  await confirm.getByText('The site that it holds for will at once take the settings of the next rule').waitFor();
  await confirm.getByRole('button', { name: 'Delete site settings' }).click();
  await waitForNotice(page, '“Branches” is deleted.');
  expect(await namesInOrder()).toEqual(['Everywhere']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'Branches' }).waitFor();
  expect(await namesInOrder()).toEqual(['Branches', 'Everywhere']);
});

it('does not overwrite an order that somebody else made meanwhile', async () => {
  const { client } = console_.running;
  const rules = [];
  for (const name of ['First', 'Second', 'Third']) {
    rules.push(
      await client.call('createSiteSettings', {
        body: { name, target: { kind: 'all' }, settings: defaultSiteSettings },
      }),
    );
  }
  const theirs = (await client.call('siteSettings', {})).map(({ id }) => id).toReversed();
  const page = await openSiteSettings();
  // What the colleague did reaches this page only after the move.
  await page.route('**/site-settings-order', async (route) => {
    await client.call('orderSiteSettings', { body: { ids: theirs } });
    await route.continue();
  });
  await page.getByRole('link', { name: 'Second' }).click();
  await page.getByRole('complementary', { name: 'Second' }).getByRole('button', { name: 'Move up' }).click();
  await waitForNotice(page, /Somebody else changed the order/);
  expect((await client.call('siteSettings', {})).map(({ id }) => id)).toEqual(theirs);
  await page.getByRole('row', { name: /^1 Third/ }).waitFor();
  for (const { id } of rules) await client.call('deleteSiteSettings', { params: { id } });
});

it('keeps what was typed when somebody else saved it meanwhile, and tells helpdesk without a way to change it', async () => {
  const { client, server } = console_.running;
  const target = { kind: 'all' } as const;
  const { id, version } = await client.call('createSiteSettings', {
    body: { name: 'Ships', target, settings: defaultSiteSettings },
  });
  const page = await openSiteSettings();
  await page.getByRole('link', { name: 'Ships' }).click();
  const panel = page.getByRole('complementary', { name: 'Ships' });
  await panel.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit “Ships”' });
  await edit.getByLabel('Package Servers send out together').fill('900');
  const theirs = { sharedOutboundKilobytesPerSecond: 70, preventNotificationServer: false };
  await client.call('updateSiteSettings', {
    params: { id },
    body: { name: 'Ships', target, settings: { ...theirs, preventForeignPackageServers: true }, version },
  });
  await edit.getByRole('button', { name: 'Save site settings' }).click();
  await edit.getByText('Yours of package servers send out together still stands here').waitFor();
  expect(await edit.getByLabel('Package Servers send out together').inputValue()).toBe('900');
  await edit.getByRole('button', { name: 'Save site settings' }).click();
  await panel.getByText('900 KB/s').waitFor();
  const saved = (await client.call('siteSettings', {})).find((rule) => rule.id === id);
  expect(saved?.settings).toEqual({
    sharedOutboundKilobytesPerSecond: 900,
    preventNotificationServer: false,
    preventForeignPackageServers: true,
  });

  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const helpdesk = await console_.newPage();
  await signInWithPassword(helpdesk, server.consoleUrl, 'lee', password);
  await openPage(helpdesk, 'siteSettings');
  await helpdesk.getByRole('link', { name: 'Ships' }).click();
  const read = helpdesk.getByRole('complementary', { name: 'Ships' });
  await read.getByText('900 KB/s').waitFor();
  await read.getByText('Administrators may change it.').waitFor();
  for (const label of ['Add site settings', 'Edit', 'Move up', 'Move down', 'Delete…']) {
    expect(await helpdesk.getByRole('button', { name: label }).count(), label).toBe(0);
  }
});
