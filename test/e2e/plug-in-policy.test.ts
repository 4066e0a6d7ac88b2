import { expect, it } from 'vitest';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('sets when computers install, warns, asks before it is lost, and takes it back', async () => {
  const { client, server } = console_.running;
  const stored = async () => (await client.call('plugInPolicy', {})).policy;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'plugInPolicy');
  const time = page.getByLabel('Time', { exact: true });
  await time.fill('25:00');
  await page.getByText('Enter a time of day such as 08:30.').waitFor();
  expect(await page.getByRole('button', { name: 'Save changes' }).isDisabled()).toBe(true);
  await time.fill('6:30');
  await page.getByRole('link', { name: 'Overview' }).click();
  const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Stay' }).click();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await waitForNotice(page, 'Computers install at 06:30.');
  expect(await stored()).toEqual({ install: 'at-time', timeOfDay: '06:30' });

  await page.getByRole('radio', { name: 'As soon as possible' }).check();
  await page.getByText('serves no peers meanwhile').waitFor();
  await page.getByRole('button', { name: 'Save changes' }).click();
  await waitForNotice(page, 'Computers install as soon as possible.');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('radio', { name: 'At a time of the day' }).and(page.locator(':checked')).waitFor();
  expect(await time.inputValue()).toBe('06:30');
  expect(await stored()).toEqual({ install: 'at-time', timeOfDay: '06:30' });
  await page.getByRole('button', { name: 'Reset' }).click();
  expect(await time.inputValue()).toBe('17:00');
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
});

it('shows helpdesk when computers install, and no way to change it', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'kim', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'kim', password);
  await openPage(page, 'plugInPolicy');
  expect(await page.getByLabel('Time', { exact: true }).isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: /Save|Discard|Reset/ }).count()).toBe(0);
});
