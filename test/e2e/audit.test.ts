import { expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('shows who changed what, and takes a change back', async () => {
  const { client, server } = console_.running;
  const settings = { ...defaultAgentSettings, maxUpload: 1000 };
  const created = await client.call('createPolicy', {
    body: { name: 'Labs', target: { kind: 'subnets', subnets: ['10.9.0.0/24'] }, settings },
  });
  const { name, target, version } = created;
  await client.call('updatePolicy', {
    params: { id: created.id },
    body: { name, target, version, settings: { ...settings, maxUpload: 2000 } },
  });
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'audit');
  await page.getByRole('row', { name: /Update policy.*Labs/ }).click();
  const panel = page.getByRole('complementary', { name: /^Change \d+$/ });
  await panel.getByRole('row', { name: 'settings.maxUpload 1000 2000' }).waitFor();
  await panel.getByRole('button', { name: 'Take back…' }).click();
  await page
    .getByRole('alertdialog', { name: /^Take change \d+ back\?$/ })
    .getByRole('button', { name: 'Take back' })
    .click();
  await waitForNotice(page, 'is what it was before change');
  await panel.getByRole('row', { name: 'settings.maxUpload 2000 1000' }).waitFor();
  const [stored] = (await client.call('policies', {})).filter(({ id }) => id === created.id);
  expect(stored?.settings.maxUpload).toBe(1000);
});

it('shows the history of one policy from its editor', async () => {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'settings');
  await page.getByRole('list', { name: 'Policies by priority' }).getByRole('link', { name: /Labs/ }).click();
  await page.getByRole('form', { name: 'Policy Labs' }).getByRole('link', { name: 'History' }).click();
  await page.getByRole('row', { name: /Create policy.*Labs/ }).waitFor();
  expect(await page.getByRole('row', { name: /Sign in/ }).count()).toBe(0);
});

it('offers helpdesk nothing that it may not do', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'audit');
  await page.getByRole('row', { name: /Create account.*lee/ }).click();
  await page
    .getByRole('complementary', { name: /^Change \d+$/ })
    .getByText('lee')
    .first()
    .waitFor();
  expect(await page.getByRole('button', { name: 'Take back…' }).count()).toBe(0);
  await openPage(page, 'settings');
  await page.getByText('Administrators change policies.').waitFor();
  const form = page.getByRole('form', { name: /^Policy/ });
  expect(await form.getByRole('button', { name: 'Save changes' }).count()).toBe(0);
  expect(await page.getByRole('toolbar', { name: 'Policies' }).count()).toBe(0);
  expect(await form.getByRole('switch').first().isDisabled()).toBe(true);
  await openPage(page, 'agentPackage');
  await page.getByRole('form', { name: 'Agent package' }).getByRole('combobox').waitFor();
  expect(await page.getByRole('button', { name: 'Save changes' }).count()).toBe(0);
});
