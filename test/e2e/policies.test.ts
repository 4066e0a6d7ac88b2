import type { Locator, Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { openPolicy, save, typeSetting } from './flows/settings.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();

const create = (name: string, subnet: string) =>
  console_.running.client.call('createPolicy', {
    body: { name, target: { kind: 'subnets', subnets: [subnet] }, settings: defaultAgentSettings },
  });
const names = async () => (await console_.running.client.call('policies', {})).map(({ name }) => name);
const isOrder = (...wanted: string[]) =>
  until(`the order is ${wanted.join(', ')}`, 10_000, async () => (await names()).join() === wanted.join());

function policyLink(page: Page, name: string): Locator {
  return page.getByRole('list', { name: 'Policies by priority' }).getByRole('link', { name });
}

async function settingsPage(): Promise<Page> {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'settings');
  return page;
}

it('orders policies by keys and by dragging, and takes a move back', async () => {
  for (const [index, name] of ['Labs', 'Branch', 'Shops'].entries()) await create(name, `10.${index + 1}.0.0/16`);
  const page = await settingsPage();
  const link = policyLink(page, 'Labs');
  await link.focus();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('status').getByText('“Labs” is 2 of 4 now, before “Shops”.').waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await isOrder('Branch', 'Shops', 'Labs', 'Global');
  expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
  // Global is last, whatever is pressed.
  await page.keyboard.press('Alt+ArrowDown');

  const handle = page.locator('[data-handle="Labs"]');
  const from = await handle.boundingBox();
  const first = await policyLink(page, 'Branch').boundingBox();
  if (from === null || first === null) throw new Error('the rows are on the screen');
  const up = async (end: () => Promise<void>) => {
    await page.mouse.move(from.x + 8, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(from.x + 8, first.y + 5, { steps: 5 });
    await end();
    await page.mouse.up();
  };
  // Given up half-way, a move is none.
  await up(() => page.keyboard.press('Escape'));
  expect(await names()).toEqual(['Branch', 'Shops', 'Labs', 'Global']);
  await up(async () => undefined);
  await isOrder('Labs', 'Branch', 'Shops', 'Global');
  await waitForNotice(page, '“Labs” is 1 of 4 now');
  await page.getByRole('button', { name: 'Undo' }).click();
  await isOrder('Branch', 'Shops', 'Labs', 'Global');
  await waitForNotice(page, /^Undone:/);
});

it('does not overwrite an order that somebody else made meanwhile', async () => {
  const { client } = console_.running;
  const page = await settingsPage();
  const shown = (await client.call('policies', {})).filter(({ isGlobal }) => !isGlobal).map(({ id }) => id);
  // What the colleague did reaches this page only after the move.
  await page.route('**/policy-order', async (route) => {
    await client.call('orderPolicies', { body: { ids: shown.toReversed() } });
    await route.continue();
  });
  await policyLink(page, 'Branch').focus();
  await page.keyboard.press('Alt+ArrowDown');
  await waitForNotice(page, /Somebody else changed the order/);
  expect(await names()).toEqual(['Labs', 'Shops', 'Branch', 'Global']);
  await until('the page shows the order of the other', 10_000, async () => {
    const links = page.getByRole('list', { name: 'Policies by priority' }).getByRole('link');
    return (await links.allInnerTexts())[0]?.includes('Labs') === true;
  });
});

it('takes a saved and a deleted policy back, unless it was changed again since', async () => {
  const { client } = console_.running;
  const page = await settingsPage();
  const shops = async () => (await client.call('policies', {})).find(({ name }) => name === 'Shops');
  await openPolicy(page, 'Shops');
  await typeSetting(page, 'maxUpload', '700');
  await save(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitForNotice(page, 'Undone: “Shops” is what it was before.');
  expect((await shops())?.settings.maxUpload).toBe(0);
  await page.locator('[data-version="3"]').waitFor();
  await typeSetting(page, 'maxUpload', '800');
  await save(page);
  const stored = await shops();
  if (stored === undefined) throw new Error('the policy is there');
  const { id, ...draft } = stored;
  await client.call('updatePolicy', { params: { id }, body: { ...draft, name: 'Shops and stores' } });
  await page.getByRole('button', { name: 'Undo' }).click();
  await waitForNotice(page, /^This cannot be undone any more\. .*changed since: name/);

  await openPolicy(page, 'Shops and stores');
  await page.getByRole('button', { name: 'Delete policy' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete policy' }).click();
  await waitForNotice(page, '“Shops and stores” is deleted.');
  expect(await names()).not.toContain('Shops and stores');
  const notice = page.getByRole('log', { name: 'Notices' }).getByRole('group').filter({ hasText: 'is deleted' });
  await notice.getByRole('button', { name: 'Undo' }).click();
  await policyLink(page, 'Shops and stores').waitFor();
});

it('asks before a dialog with what was typed is closed by Escape or by a click beside it', async () => {
  const page = await settingsPage();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a policy' });
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await dialog.getByLabel('Name').fill('Night shift');
  await page.keyboard.press('Escape');
  const question = page.getByRole('alertdialog', { name: 'Close without saving?' });
  await question.getByRole('button', { name: 'Go on editing' }).press('Enter');
  await question.waitFor({ state: 'detached' });
  expect(await dialog.getByLabel('Name').inputValue()).toBe('Night shift');
  await page.mouse.click(4, 400);
  await question.getByRole('button', { name: 'Discard what I entered' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await names()).not.toContain('Night shift');
});

it('builds a target of rows and says meanwhile whom it means', async () => {
  const { client, startFleet } = console_.running;
  const agents = await startFleet({ agents: 4, subnets: 2 });
  const [, second] = agents;
  const known = await client.call('agents', {});
  const tagged = known.find(({ name }) => name === second);
  if (tagged === undefined) throw new Error('the fleet has agents');
  await client.call('setAgentTags', { params: { agentId: tagged.agentId }, body: { tags: ['pilot'] } });
  const page = await settingsPage();
  await openPolicy(page, 'Branch');
  await page.getByRole('button', { name: 'Change target' }).click();
  const dialog = page.getByRole('dialog', { name: 'Target of this policy' });
  await dialog.getByLabel('What row 1 asks for').selectOption('Computer names');
  await dialog.getByLabel('Name patterns').fill('*');
  await dialog.getByText('Matches 4 agents now.').waitFor();
  await dialog.getByText('4 agents would go from “Test fleet” to “Branch”.').waitFor();
  await dialog.getByRole('button', { name: 'Add a row' }).click();
  await dialog.getByLabel('How row 2 counts').selectOption('Except: without');
  await dialog.getByLabel('What row 2 asks for').selectOption('Tags');
  await dialog.getByRole('button', { name: 'Use this target' }).click();
  await dialog.getByText('List at least one tag.').waitFor();
  await dialog.getByRole('combobox', { name: 'Tags' }).pressSequentially('pil');
  await page.getByRole('option', { name: 'pilot · 1 agent' }).click();
  await dialog.getByText('Matches 3 agents now.').waitFor();
  await dialog.getByRole('button', { name: 'Show them' }).click();
  const members = dialog.getByRole('table', { name: 'Members of the target' });
  expect(await members.getByRole('row').count()).toBe(4);
  expect(await members.getByText(tagged.name, { exact: true }).count()).toBe(0);

  await dialog.getByRole('button', { name: 'Add a row' }).click();
  await dialog.getByLabel('What row 3 asks for').selectOption('Single agents');
  const field = dialog.getByRole('combobox', { name: 'Agents' });
  await field.evaluate((element, text) => {
    const data = new DataTransfer();
    data.setData('text', text);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, `${tagged.name.toLowerCase()}\nNOBODY-1`);
  await dialog.getByText('Not known here: NOBODY-1').waitFor();
  await dialog.getByText('Matches 4 agents now.').waitFor();
  await dialog.getByRole('button', { name: 'Use this target' }).click();
  await save(page);
  const stored = (await client.call('policies', {})).find(({ name }) => name === 'Branch');
  expect(stored).toMatchObject({
    appliesToAgents: 4,
    target: {
      first: { kind: 'names', patterns: ['*'] },
      next: [
        { operation: 'except', filter: { kind: 'tags', tags: ['pilot'] } },
        { operation: 'union', filter: { kind: 'agents', agentIds: [tagged.agentId] } },
      ],
    },
  });
});

it('says what the preview of a change shows, to the keyboard as well', async () => {
  const page = await settingsPage();
  const button = page.getByRole('button', { name: 'Preview impact' });
  await button.focus();
  await page.getByRole('tooltip').getByText('Plays the change on a simulated copy of your network').waitFor();
  const description = await button.getAttribute('aria-describedby');
  expect(await page.locator(`#${description}`).innerText()).toContain('simulated copy of your network');
});

it('shows helpdesk the policies without anything to move or change', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'kim', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'kim', password);
  await openPage(page, 'settings');
  await policyLink(page, 'Branch').focus();
  const before = await names();
  await page.keyboard.press('Alt+ArrowUp');
  expect(await page.locator('[data-handle]').count()).toBe(0);
  expect(await page.getByRole('button', { name: /^(Move|Delete|Add$|Preview|Save|Undo)/ }).count()).toBe(0);
  expect(await names()).toEqual(before);
});
