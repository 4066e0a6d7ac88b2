import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { openPolicy, save, typeSetting } from './flows/settings.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('finds what differs between two policies, and goes back to what one was once', async () => {
  const { client, folder, server } = console_.running;
  const create = (name: string, subnet: string) =>
    client.call('createPolicy', {
      body: { name, target: { kind: 'subnets', subnets: [subnet] }, settings: defaultAgentSettings },
    });
  await create('Labs', '10.1.0.0/16');
  await create('Shops', '10.2.0.0/16');
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'settings');
  await openPolicy(page, 'Labs');
  await typeSetting(page, 'maxUpload', '700');
  await save(page);
  await page.getByRole('link', { name: 'Compare' }).click();
  const grid = page.getByRole('grid', { name: 'Comparison' });
  await page.getByRole('group', { name: 'Right' }).getByLabel('Right').selectOption('Shops');
  await page.getByText('3 differences of').waitFor();
  await grid.getByRole('row', { name: /Maximum upload bandwidth Downloads KB\/s 700 KB\/s Unlimited/ }).waitFor();
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = path.join(folder, 'comparison.csv');
  await (await saving).saveAs(file);
  expect(readFileSync(file, 'utf8')).toContain('Maximum upload bandwidth,Downloads,KB/s,700 KB/s,Unlimited,Unlimited');
  await page.getByRole('switch', { name: 'Show what is the same, too' }).click();
  await grid.getByRole('row', { name: /TCP\/UDP port/ }).waitFor();

  const sent = page.url();
  await page.getByRole('group', { name: 'Right' }).getByLabel('Right').selectOption('Labs');
  await page.getByRole('group', { name: 'Right' }).getByLabel('Version').selectOption({ index: 1 });
  await page.getByText('1 difference of').waitFor();
  await page.getByRole('button', { name: 'Go back to version 1…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Go back' }).click();
  await waitForNotice(page, '“Labs” is what it was in version 1, as version 3.');
  await page.getByText('Both are the same.').waitFor();
  const labs = (await client.call('policies', {})).find(({ name }) => name === 'Labs');
  expect(labs).toMatchObject({ version: 3, settings: defaultAgentSettings });

  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'kim', role: 'helpdesk', password } });
  const helpdesk = await console_.newPage();
  await signInWithPassword(helpdesk, server.consoleUrl, 'kim', password);
  await helpdesk.goto(sent);
  await helpdesk.getByText('2 differences of').waitFor();
  await helpdesk.getByRole('group', { name: 'Right' }).getByLabel('Right').selectOption('Labs');
  await helpdesk.getByRole('group', { name: 'Right' }).getByLabel('Version').selectOption({ index: 1 });
  await helpdesk.getByText(/of \d+\.$/).waitFor();
  expect(await helpdesk.getByRole('button', { name: /Go back/ }).count()).toBe(0);
});
