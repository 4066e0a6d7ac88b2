import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openPage, signIn, signInWithPassword } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
const demoPackageBytes = 3_000_000;

it('asks nobody on a server that has no demo fleet to start', async () => {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await page.getByRole('heading', { name: 'No agent has enrolled yet' }).waitFor();
});

it('asks an administrator how to begin, and nobody else', async () => {
  const { client, folder, server, addDemoFleet } = console_.running;
  const packagePath = path.join(folder, 'demo.bin');
  writeFileSync(packagePath, randomBytes(demoPackageBytes));
  addDemoFleet(packagePath);
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const theirs = await console_.newPage();
  await signInWithPassword(theirs, server.consoleUrl, 'lee', password);
  await theirs.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();

  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await page.getByRole('heading', { level: 1, name: 'Welcome to Fanout' }).waitFor();
  // It is no wall: whoever knows the way goes it.
  await openPage(page, 'agents');
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByRole('heading', { level: 1, name: 'Welcome to Fanout' }).waitFor();
});

it('begins empty and asks never again; the demo fleet is still there to be started', async () => {
  const { client, server } = console_.running;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await page.getByRole('button', { name: 'Begin empty' }).press('Enter');
  await page.getByRole('button', { name: 'Make a join command' }).waitFor();
  expect(await client.call('firstRun', {})).toEqual({ choice: 'empty', isDue: false });
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.getByRole('heading', { name: 'No agent has enrolled yet' }).waitFor();
  await openPage(page, 'fleet');
  await page.getByRole('button', { name: 'Start the demo fleet' }).waitFor();
});
