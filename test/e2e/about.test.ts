import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();

it('tells which versions run, where the data is, and how late the server is', async () => {
  const { client, server } = console_.running;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'about');
  const status = await client.call('serverStatus', {});
  const fact = (name: string) => page.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd[1]');
  expect(await fact('Fanout').first().innerText()).toBe(status.productVersion);
  expect(await fact('Node.js of the server').innerText()).toBe(process.versions.node);
  expect(await fact('Database').innerText()).toBe(`Embedded SQLite ${status.database.version}`);
  expect(await fact('Tables').innerText()).toBe(status.database.schemaVersion);
  expect(await fact('Data folder').innerText()).toBe(status.dataFolder);
  expect(await page.locator('dt', { hasText: 'Chromium' }).count()).toBe(0);
  await expect.poll(() => fact('Event-loop delay, p99').innerText()).toMatch(/^\d+(\.\d)? ms$/);
  const running = await fact('Running for').innerText();
  await expect.poll(() => fact('Running for').innerText(), { timeout: 15_000 }).not.toBe(running);
});

it('lists the licences of third parties, found by name or licence, with their text', async () => {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'about');
  await page.getByRole('link', { name: 'Third-party licences' }).click();
  await page.getByRole('searchbox').fill('Apache-2.0');
  await expect.poll(() => page.getByRole('row', { name: /MIT/ }).count()).toBe(0);
  await page.getByRole('searchbox').fill('fastify');
  await page.getByRole('row', { name: /^fastify \d/ }).click();
  const panel = page.getByRole('complementary', { name: /^fastify \d/ });
  await panel.getByText('Permission is hereby granted').waitFor();
  await panel.getByRole('button', { name: /^Close/ }).click();
  expect(new URL(page.url()).hash).toBe('#/about/licences');
});

it('has the guides with it, readable without signing in', async () => {
  const page = await console_.newPage();
  await page.goto(`${console_.running.server.consoleUrl}/guide/administrator.html`);
  await page.getByRole('heading', { level: 1, name: 'First steps for administrators' }).waitFor();
  await page.getByRole('link', { name: '9.', exact: true }).first().click();
  await expect
    .poll(() => page.evaluate(() => document.querySelector(':target')?.textContent ?? ''))
    .toContain('Who may use the console');
  await page.getByRole('navigation', { name: 'Guides' }).getByRole('link', { name: 'Architecture' }).click();
  await page.getByRole('heading', { level: 1, name: 'Architecture' }).waitFor();
});

it('backs the server up into a folder, and says why that does not work', async () => {
  const page = await console_.newPage();
  const folder = mkdtempSync(path.join(tmpdir(), 'fanout-backup-'));
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'about');
  await page.getByRole('button', { name: 'Back up the server…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Back up the server' });
  await dialog.getByRole('button', { name: 'Back up', exact: true }).click();
  await dialog.getByText('Enter the path of a folder').waitFor();
  await dialog.getByLabel('Folder on the Notification Server').fill('not/absolute');
  await dialog.getByRole('button', { name: 'Back up', exact: true }).click();
  await dialog.getByText('Give the absolute path of a folder.').waitFor();
  expect(await dialog.getByLabel('Folder on the Notification Server').inputValue()).toBe('not/absolute');
  await dialog.getByLabel('Folder on the Notification Server').fill(path.join(folder, 'today'));
  await dialog.getByRole('button', { name: 'Back up', exact: true }).click();
  await waitForNotice(page, 'The backup is complete');
  expect(readdirSync(path.join(folder, 'today'))).toContain('fanout-backup.json');
  rmSync(folder, { recursive: true, force: true });
});

it('shows helpdesk the versions, and offers it no backup', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'about');
  await page.getByText('Event-loop delay, p99').waitFor();
  expect(await page.getByRole('button', { name: 'Back up the server…' }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Desktop application' }).count()).toBe(0);
});
