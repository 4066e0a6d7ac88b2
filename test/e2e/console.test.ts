import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { launchChromium } from '../support/chromium.ts';
import { importPackage, packageRow, startImport } from './flows/packages.ts';
import {
  chooseSide,
  conflictDialog,
  messageOfSetting,
  openPolicy,
  openTab,
  save,
  saveButton,
  settingRow,
  shownVersion,
  typeSetting,
} from './flows/settings.ts';
import { openPage, readTile, signIn, waitForNotice } from './flows/shell.ts';
import { type ConsoleServer, startConsoleServer } from './support/console-server.ts';

let browser: Browser;
let running: ConsoleServer;
let page: Page;
/** What the page complained of; a console that works complains of nothing. */
const complaints: string[] = [];

beforeAll(async () => {
  [browser, running] = await Promise.all([launchChromium(), startConsoleServer()]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});
afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

it('tells somebody who is not signed in how to get a link', async () => {
  await page.goto(running.server.consoleUrl);
  await page.getByRole('heading', { name: 'Sign in to Fanout' }).waitFor();
  await page.getByText('npx fanout serve').waitFor();
  // The browser itself reports the 401 that told the console so.
  expect(complaints.splice(0).filter((text) => !text.includes('401'))).toEqual([]);
});

it('signs in by a one-time link and takes the token out of the address', async () => {
  await signIn(page, running.server.makeSignInLink());
  expect(page.url()).toBe(`${running.server.consoleUrl}/#/overview`);
});

it('says what to do next while nothing is there', async () => {
  await openPage(page, 'overview');
  await page.getByRole('heading', { name: 'No agent has enrolled yet' }).waitFor();
  expect(await readTile(page, 'Agents online')).toBe('0');
  expect(await readTile(page, 'Peer share')).toBe('–');
  await page.getByRole('button', { name: 'Make a join command' }).click();
  await page.getByText(`npx fanout agent --server ${running.server.agentUrl} --join-token`).waitFor();
});

it('shows a page of its own for an address that leads nowhere', async () => {
  await page.goto(`${running.server.consoleUrl}/#/no/such/page`);
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await page.getByRole('link', { name: 'Go to the Overview' }).click();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
});

it('refuses an invalid setting beside its field and saves nothing', async () => {
  await openPage(page, 'settings');
  await openPolicy(page, 'Global');
  await openTab(page, 'Downloads');
  await typeSetting(page, 'port', '80');
  expect(await messageOfSetting(page, 'port')).toBe('Enter 1024 or more.');
  expect(await saveButton(page).isDisabled()).toBe(true);
  await typeSetting(page, 'port', '27801');
  await settingRow(page, 'port').getByText('Enter 1024 or more.').waitFor({ state: 'detached' });
  await typeSetting(page, 'announcementInterval', '600');
  expect(await messageOfSetting(page, 'unavailableTimeout')).toContain('at least twice');
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
});

it('warns of a value that is allowed but unwise, and still saves it', async () => {
  await typeSetting(page, 'requestTimeout', '10');
  expect(await messageOfSetting(page, 'requestTimeout')).toContain('slow computers drop out');
  expect(await saveButton(page).isEnabled()).toBe(true);
  await settingRow(page, 'requestTimeout')
    .getByRole('button', { name: /^Reset/ })
    .click();
});

it('saves a changed setting as the next version', async () => {
  const before = await shownVersion(page);
  await typeSetting(page, 'maxDownload', '5000');
  expect(await save(page)).toBe(before + 1);
  const [global] = (await running.client.call('policies', {})).slice(-1);
  expect(global).toMatchObject({ isGlobal: true, version: before + 1 });
  expect(global?.settings.maxDownload).toBe(5000);
});

it('asks before unsaved changes are left', async () => {
  await typeSetting(page, 'maxUpload', '7000');
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Agents' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await dialog.getByRole('button', { name: 'Stay' }).click();
  expect(await settingRow(page, 'maxUpload').getByRole('textbox').inputValue()).toBe('7000');
  await page.getByRole('button', { name: 'Discard', exact: true }).click();
});

it('shows both sides when somebody else saved first, and merges as the person chooses', async () => {
  await typeSetting(page, 'maxDownload', '6000');
  const global = (await running.client.call('policies', {})).at(-1);
  if (global === undefined) throw new Error('there is no policy');
  const { name, target, settings, version } = global;
  await running.client.call('updatePolicy', {
    params: { id: global.id },
    body: { name, target, version, settings: { ...settings, maxDownload: 9000, maxConnections: 33 } },
  });
  await saveButton(page).click();
  await conflictDialog(page).getByText('Maximum number of connections: 33').waitFor();
  await chooseSide(page, 'Maximum download bandwidth', 'Keep mine');
  await conflictDialog(page).getByRole('button', { name: 'Save the merged policy' }).click();
  await conflictDialog(page).waitFor({ state: 'detached' });
  await page.locator(`[data-version="${version + 2}"]`).waitFor();
  const merged = (await running.client.call('policies', {})).at(-1);
  expect(merged?.settings).toEqual({ ...settings, maxDownload: 6000, maxConnections: 33 });
  // The browser reports the 409 that the conflict was told by.
  expect(complaints.splice(0).filter((text) => !text.includes('409'))).toEqual([]);
});

it('adds a policy before Global and deletes it after a question that names what happens', async () => {
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a policy' });
  await dialog.getByLabel('Name').fill('Branch offices');
  await dialog.getByRole('button', { name: 'Add policy' }).click();
  await dialog.getByText('List at least one subnet.').waitFor();
  await dialog.getByLabel('Subnets', { exact: true }).last().fill('10.1.2.0/24');
  await dialog.getByRole('button', { name: 'Add policy' }).click();
  await page.getByRole('form', { name: 'Policy Branch offices' }).waitFor();
  expect((await running.client.call('policies', {})).map(({ name }) => name)).toEqual(['Branch offices', 'Global']);
  await page.getByRole('button', { name: 'Delete policy' }).click();
  const question = page.getByRole('alertdialog', { name: 'Delete “Branch offices”?' });
  await question.getByRole('button', { name: 'Delete policy' }).click();
  await page.getByRole('form', { name: 'Policy Global' }).waitFor();
  expect((await running.client.call('policies', {})).map(({ name }) => name)).toEqual(['Global']);
});

it('sets how long unused packages are kept, and warns where peers would lose them too soon', async () => {
  const settings = { ...defaultAgentSettings, peerDownloading: true };
  const body = { name: 'Peers', target: { kind: 'subnets' as const, subnets: ['10.1.2.0/24'] }, settings };
  const { id } = await running.client.call('createPolicy', { body });
  await openPage(page, 'agentPackage');
  const form = page.getByRole('form', { name: 'Agent package' });
  const choice = form.getByRole('combobox');
  expect(await choice.inputValue()).toBe(String(7 * 24));
  await choice.selectOption('2 days');
  await form.getByText('find nobody who still has the package').waitFor();
  await form.getByRole('button', { name: 'Save changes' }).click();
  await waitForNotice(page, 'are saved');
  expect(await running.client.call('agentPackage', {})).toMatchObject({ deleteUnusedAfterHours: 48 });
  await choice.selectOption('1 year');
  await form.getByText('find nobody').waitFor({ state: 'detached' });
  await form.getByRole('button', { name: 'Discard', exact: true }).click();
  expect(await choice.inputValue()).toBe('48');
  await running.client.call('deletePolicy', { params: { id } });
  await openPage(page, 'packages');
});

it('says in words why a path cannot be imported', async () => {
  await startImport(page, { path: path.join(running.folder, 'nothing-here'), name: 'Nothing', version: '1.0' });
  const refusal = page.getByText(/nothing-here/);
  await refusal.first().waitFor();
  const dialog = page.getByRole('dialog', { name: 'Import a package' });
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Cancel' }).click();
  complaints.splice(0); // a refused request is reported by the browser
});

it('imports a real file and lists it', async () => {
  const file = path.join(running.folder, 'setup.bin');
  writeFileSync(file, Buffer.alloc(5_000_000, 'fanout'));
  await importPackage(page, { path: file, name: 'Setup', version: '2.1' });
  await waitForNotice(page, '“Setup” is imported');
  await packageRow(page, 'Setup').getByText('5.00 MB').waitFor();
});

it('imports a file that is uploaded from this computer', async () => {
  await page.getByRole('button', { name: 'Import package' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a package' });
  await dialog.getByRole('radio', { name: /to be uploaded/ }).check();
  await dialog
    .getByLabel('File to upload')
    .setInputFiles({ name: 'tool.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(3_000_000, 7) });
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await packageRow(page, 'tool.bin').getByText('3.00 MB').waitFor();
});

it('withdraws a package only after naming what happens', async () => {
  await packageRow(page, 'Setup').getByRole('link').click();
  await page.getByRole('button', { name: 'Withdraw' }).click();
  const question = page.getByRole('alertdialog', { name: 'Withdraw “Setup” 2.1?' });
  await question.getByText('No new delivery of this version is possible.').waitFor();
  await question.getByRole('button', { name: 'Withdraw package' }).click();
  await page.getByText('This version is withdrawn').waitFor();
  expect(await page.getByRole('button', { name: 'Deliver' }).isDisabled()).toBe(true);
});

it('remembers the dark theme over a reload', async () => {
  await page.getByRole('button', { name: 'Colour theme' }).click();
  await page.getByRole('menuitemradio', { name: 'Dark' }).click();
  await page.reload();
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.style.colorScheme)).toBe('dark');
});
