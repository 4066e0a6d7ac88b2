import { expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { goTo, pressVisibly, seeFocus } from './flows/keyboard.ts';
import { saveButton, settingRow } from './flows/settings.ts';
import { signIn } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();

it('makes, changes, orders and deletes a policy by keys alone, with the focus in sight', async () => {
  const { client, server } = console_.running;
  await client.call('createPolicy', {
    body: { name: 'Shops', target: { kind: 'subnets', subnets: ['10.2.0.0/16'] }, settings: defaultAgentSettings },
  });
  const names = async () => (await client.call('policies', {})).map(({ name }) => name);
  const page = await console_.newPage();
  const { keyboard } = page;
  await signIn(page, server.makeSignInLink());
  await goTo(page, page.getByRole('link', { name: 'Targeted Agent Settings' }));
  await keyboard.press('Enter');

  await goTo(page, page.getByRole('button', { name: 'Add', exact: true }));
  await keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Add a policy' });
  await goTo(page, dialog.getByRole('textbox', { name: /^Name/ }));
  await keyboard.type('Labs');
  await goTo(page, dialog.getByLabel('What row 1 asks for'));
  await keyboard.type('Comp');
  await goTo(page, dialog.getByLabel('Name patterns'));
  await keyboard.type('LAB-*');
  await goTo(page, dialog.getByRole('button', { name: 'Add policy' }));
  await keyboard.press('Enter');
  const form = page.getByRole('form', { name: 'Policy Labs' });
  await form.waitFor();
  await dialog.waitFor({ state: 'detached' });
  await seeFocus(page, 'the dialog was sent');

  await goTo(page, settingRow(page, 'peerDownloading').getByRole('switch'));
  await pressVisibly(page, 'Space');
  await goTo(page, settingRow(page, 'requestTimeout').getByRole('textbox'));
  await keyboard.press('Control+A');
  await keyboard.type('60');
  await goTo(page, settingRow(page, 'maxUpload').getByRole('textbox'));
  await keyboard.press('Control+A');
  await keyboard.type('700');
  await goTo(page, page.getByRole('button', { name: 'Reset HTTP request timeout to its default' }), 'Shift+Tab');
  await pressVisibly(page, 'Enter');
  expect(await settingRow(page, 'requestTimeout').getByRole('textbox').inputValue()).toBe('30');

  await goTo(page, page.getByRole('tab', { name: 'Downloads' }), 'Shift+Tab');
  await goTo(page, page.getByRole('tab', { name: 'Advanced' }), 'ArrowRight');
  await pressVisibly(page, 'Enter');
  await page.getByRole('tabpanel', { name: 'Advanced' }).waitFor();
  await goTo(page, settingRow(page, 'maxConcurrentPackages').getByRole('textbox'));
  await keyboard.press('Control+A');
  await keyboard.type('4');
  await goTo(page, saveButton(page));
  await keyboard.press('Enter');
  await page.locator('[data-version="2"]').waitFor();
  await seeFocus(page, 'the policy was saved');
  const labs = (await client.call('policies', {})).find(({ name }) => name === 'Labs');
  expect(labs).toMatchObject({
    target: { kind: 'names', patterns: ['LAB-*'] },
    settings: { peerDownloading: true, requestTimeout: 30, maxUpload: 700, maxConcurrentPackages: 4 },
  });

  const list = page.getByRole('list', { name: 'Policies by priority' });
  await goTo(page, list.getByRole('link', { name: 'Labs' }), 'Shift+Tab');
  await pressVisibly(page, 'Alt+ArrowUp');
  await until('Labs is first', 10_000, async () => (await names()).join() === 'Labs,Shops,Global');
  await seeFocus(page, 'the policy was moved');

  const remove = page.getByRole('button', { name: 'Delete policy' });
  await goTo(page, page.getByRole('toolbar', { name: 'Policies' }).getByRole('button'), 'Shift+Tab');
  await goTo(page, remove, 'ArrowRight');
  await keyboard.press('Enter');
  const question = page.getByRole('alertdialog', { name: 'Delete “Labs”?' });
  await goTo(page, question.getByRole('button', { name: 'Delete policy' }));
  await keyboard.press('Enter');
  await question.waitFor({ state: 'detached' });
  await until('Labs is gone', 10_000, async () => !(await names()).includes('Labs'));
  await seeFocus(page, 'the policy was deleted');
});
