import { expect, it } from 'vitest';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
const password = 'correct horse battery staple';
const otherPassword = 'another sentence for kim';

it('adds a colleague, who signs in, changes the password, and is put out again', async () => {
  const { client, server } = console_.running;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'accounts');
  await page.getByText('There are no accounts yet.').waitFor();

  await page.getByRole('button', { name: 'Add account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add an account' });
  await dialog.getByLabel('Name').fill('kim');
  await dialog.getByLabel('First password').fill('short');
  await dialog.getByRole('button', { name: 'Add account' }).click();
  await dialog.getByText('Use at least 12 characters.').waitFor();
  expect(await dialog.getByLabel('Name').inputValue()).toBe('kim');
  await dialog.getByLabel('First password').fill(password);
  await dialog.getByRole('button', { name: 'Add account' }).click();
  await waitForNotice(page, 'kim can sign in now.');

  const colleague = await console_.newPage();
  await signInWithPassword(colleague, server.consoleUrl, 'kim', password);
  await colleague.getByRole('button', { name: 'kim', exact: true }).click();
  await colleague.getByRole('menuitem', { name: 'Change password…' }).click();
  const own = colleague.getByRole('dialog', { name: 'Change your password' });
  await own.getByLabel('Present password').fill(password);
  await own.getByLabel(/^New password\W*$/).fill(otherPassword);
  await own.getByLabel('New password again').fill(otherPassword);
  await own.getByRole('button', { name: 'Change password' }).click();
  await waitForNotice(colleague, 'Your password is changed.');
  await openPage(colleague, 'accounts');
  await colleague.getByRole('row', { name: /kim Helpdesk Enabled/ }).click();
  await colleague.getByRole('complementary', { name: 'kim' }).getByText('Password since').waitFor();
  // Helpdesk sees who there is, and nothing that it may not do.
  expect(await colleague.getByRole('button', { name: /…$|Add account/ }).count()).toBe(0);

  const panel = page.getByRole('complementary', { name: 'kim' });
  await panel.getByRole('button', { name: 'Disable…' }).click();
  const question = page.getByRole('alertdialog', { name: 'Disable kim?' });
  await question.getByRole('button', { name: 'Disable account' }).click();
  await waitForNotice(page, 'kim cannot sign in any more.');
  await colleague.getByRole('heading', { name: 'Sign in to Fanout' }).waitFor();
  const [account] = await client.call('accounts', {});
  expect(account).toMatchObject({ name: 'kim', role: 'helpdesk', disabled: true });
});

it('makes an API token that is shown once, and revokes it', async () => {
  const { client, server } = console_.running;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'accounts');
  await page.getByRole('tab', { name: 'API tokens' }).click();
  await page.getByRole('button', { name: 'Make API token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Make an API token' });
  await dialog.getByLabel('Name').fill('inventory');
  await dialog.getByLabel('Days until it ends').fill('0');
  await dialog.getByRole('button', { name: 'Make token' }).click();
  await dialog.getByText('Enter 1 to 365 days.').waitFor();
  await dialog.getByLabel('Days until it ends').fill('7');
  await dialog.getByRole('button', { name: 'Make token' }).click();
  const shown = page.getByRole('region', { name: 'API token inventory' });
  const token = (await shown.locator('code').innerText()).trim();
  const answer = await fetch(`${server.consoleUrl}/api/v1/packages`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  await page.getByRole('button', { name: 'Revoke inventory' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke token' }).click();
  await waitForNotice(page, 'inventory is revoked.');
  expect(await client.call('apiTokens', {})).toEqual([]);
});
