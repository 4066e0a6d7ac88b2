import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { importPackage } from './flows/packages.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const console_ = consoleBrowser();

/** Files as a desktop hands them to a page. */
async function drop(page: Page, names: readonly string[]): Promise<void> {
  const data = await page.evaluateHandle((dropped) => {
    const transfer = new DataTransfer();
    for (const name of dropped) transfer.items.add(new File([`content of ${name}`], name));
    return transfer;
  }, names);
  const place = page.getByRole('heading', { level: 1, name: 'Packages' });
  for (const event of ['dragenter', 'dragover', 'drop']) await place.dispatchEvent(event, { dataTransfer: data });
}

/** One byte of every copy of the package below the folder becomes another, as a failing disk changes it. */
function damageCopies(below: string): void {
  const files = readdirSync(below, { recursive: true, encoding: 'utf8' }).map((name) => path.join(below, name));
  const copies = files.filter((file) => statSync(file).size === 3_000_000);
  expect(copies.length).toBeGreaterThan(0);
  for (const file of copies) {
    const bytes = readFileSync(file);
    bytes[2_500_000] = 8;
    writeFileSync(file, bytes);
  }
}

it('imports files that are dragged to the page', async () => {
  const { client, server } = console_.running;
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'packages');
  await drop(page, ['viewer.bin']);
  const dialog = page.getByRole('dialog', { name: 'Import a package' });
  await dialog.getByText('viewer.bin').waitFor();
  await dialog.getByLabel('Version').fill('2.0');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await waitForNotice(page, '“viewer.bin” is imported');
  await drop(page, ['one.bin', 'two.bin']);
  await until('all three are packages', 15_000, async () => {
    const names = (await client.call('packages', {})).map(({ name, version }) => `${name} ${version}`);
    return names.sort().join() === 'one.bin 1.0,two.bin 1.0,viewer.bin 2.0';
  });
});

it('says where a package is, has it kept by a Package Server, and finds a damaged copy', async () => {
  const { client, folder, server, startFleet } = console_.running;
  await startFleet({ agents: 2, subnets: 1 });
  const [first, second] = await client.call('agents', {});
  if (first === undefined || second === undefined) throw new Error('the fleet has two agents');
  await client.call('addPackageServer', { body: { agentId: first.agentId } });
  const guidOf = async (name: string) => {
    const found = (await client.call('packages', {})).find((entry) => entry.name === name);
    if (found === undefined) throw new Error(`there is a package ${name}`);
    return found.guid;
  };
  const page = await console_.newPage();
  await signIn(page, server.makeSignInLink());
  await openPage(page, 'packages');
  const source = path.join(folder, 'office.bin');
  writeFileSync(source, Buffer.alloc(3_000_000, 7));
  await importPackage(page, { path: source, name: 'Office', version: '1.0' });
  await page.getByRole('link', { name: 'Office' }).click();
  await page.getByText('No agent has it or is fetching it.').waitFor();

  await page.getByRole('region', { name: 'Package Servers' }).getByRole('button', { name: 'Change' }).click();
  const dialog = page.getByRole('dialog', { name: /^Who keeps/ });
  await dialog.getByRole('radio', { name: 'These Package Servers' }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Choose at least one Package Server.').waitFor();
  await dialog.getByRole('checkbox', { name: first.name }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText(`These Package Servers keep it: ${first.name}.`).waitFor();
  await page.getByText('1 agent of 1 has all of it, 1 Package Server among them.').waitFor({ timeout: 30_000 });
  const table = page.getByRole('grid', { name: 'Where it is' });
  await table.getByRole('row', { name: new RegExp(`${first.name} Package Server .*Yes Ready 2 of 2`) }).waitFor();

  await page.getByRole('button', { name: `Verify the copy of ${first.name}` }).click();
  const copy = page.getByRole('dialog', { name: /^The copy of “Office” 1.0 on/ });
  await copy.getByText('The copy is right: 2 blocks of 2.').waitFor();
  await copy.getByRole('button', { name: 'Close' }).click();

  damageCopies(path.join(folder, 'agents'));
  await page.getByRole('button', { name: `Verify the copy of ${first.name}` }).click();
  const isMended = 'The copy is not right: 1 block of it differs. The agent fetches what differs again.';
  await copy.getByText(isMended).waitFor();
  await copy.getByRole('button', { name: 'Close' }).click();
  await until('the agent has fetched it again', 30_000, async () => {
    const params = { guid: await guidOf('Office'), version: '1.0' };
    const { id } = await client.call('verifyCopy', { params, body: { from: first.agentId } });
    return (await client.call('copyVerification', { params: { id } })).isIntact === true;
  });

  damageCopies(path.join(folder, 'server', 'packages'));
  await page.getByRole('button', { name: 'Verify the server’s copy' }).click();
  await copy.getByText('The copy is not right: 1 block of it differs.').waitFor();
  await copy.getByRole('table', { name: 'Blocks that differ' }).getByText('other bytes').waitFor();
  await copy.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('region', { name: 'Package Servers' }).getByRole('button', { name: 'Change' }).click();
  await dialog.getByRole('radio', { name: /^On demand/ }).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('No Package Server has to keep it.').waitFor();
  await page.getByRole('log', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click();
  await page.getByText(`These Package Servers keep it: ${first.name}.`).waitFor();
});

it('shows helpdesk where a package is, without a control that it may not use', async () => {
  const { client, server } = console_.running;
  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const page = await console_.newPage();
  await signInWithPassword(page, server.consoleUrl, 'lee', password);
  await openPage(page, 'packages');
  await drop(page, ['mine.bin']);
  await page.getByRole('link', { name: 'Office' }).click();
  await page.getByRole('grid', { name: 'Where it is' }).waitFor();
  expect(await page.getByRole('button', { name: /Deliver|Withdraw|Change|Verify|Import/ }).count()).toBe(0);
  expect((await client.call('packages', {})).map(({ name }) => name)).not.toContain('mine.bin');
});
