import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { openPage, signIn, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('saves policies as a file, and takes them back after saying what will happen', async () => {
  const { client, folder, server } = console_.running;
  const labs = await client.call('createPolicy', {
    body: { name: 'Labs', target: { kind: 'subnets', subnets: ['10.9.0.0/24'] }, settings: defaultAgentSettings },
  });
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'settings');
  const more = page.getByRole('button', { name: 'More about policies' });
  await more.click();
  const saving = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Export all policies' }).click();
  const saved = path.join(folder, 'policies.json');
  await (await saving).saveAs(saved);
  await client.call('deletePolicy', { params: { id: labs.id } });

  await more.click();
  await page.getByRole('menuitem', { name: 'Import policies…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import policies' });
  const wrong = path.join(folder, 'wrong.json');
  writeFileSync(wrong, readFileSync(saved, 'utf8').replaceAll('"maxUpload": 0', '"maxUpload": -5'));
  await dialog.getByLabel('File of policies').setInputFiles(wrong);
  await dialog.getByRole('list', { name: 'What is wrong' }).getByText('maxUpload').first().waitFor();
  await dialog.getByLabel('File of policies').setInputFiles(saved);
  await dialog.getByRole('list', { name: 'What will happen' }).getByText('“Labs” is added.').waitFor();
  expect((await client.call('policies', {})).map(({ name }) => name)).not.toContain('Labs');
  await dialog.getByRole('button', { name: 'Import policies' }).click();
  await waitForNotice(page, '1 policy added, 0 changed.');
  expect((await client.call('policies', {})).map(({ name }) => name)).toContain('Labs');
});
