import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { AgentSummary } from '../../shared/contracts/console-api.ts';
import { openPage, signIn, signInWithPassword, waitForNotice } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';

const console_ = consoleBrowser();
let agents: readonly AgentSummary[] = [];

beforeAll(async () => {
  const { client, startFleet } = console_.running;
  await startFleet({ agents: 2, subnets: 1 });
  agents = await client.call('agents', {});
});

function agent(index: number): AgentSummary {
  const found = agents[index];
  if (found === undefined) throw new Error(`there is no agent ${index}`);
  return found;
}

async function openPackageServers(): Promise<Page> {
  const page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'packageServers');
  return page;
}

it('gives an agent the role, changes it and takes it back', async () => {
  const { client } = console_.running;
  const { agentId, name, siteName } = agent(0);
  const page = await openPackageServers();
  await page.getByRole('heading', { name: 'No agent is a Package Server' }).waitFor();
  await page.getByRole('button', { name: 'Add Package Server' }).click();
  const add = page.getByRole('dialog', { name: 'Add a Package Server' });
  await add.getByRole('button', { name: 'Add Package Server' }).click();
  await add.getByText('Choose an agent of the list.').waitFor();
  await add.getByRole('combobox', { name: 'Agent' }).pressSequentially(name);
  await page.getByRole('option', { name: new RegExp(name) }).click();
  await add.getByRole('button', { name: 'Add Package Server' }).click();
  const panel = page.getByRole('complementary', { name });
  await panel.getByText('Nobody has asked it for a package yet.').waitFor();
  await panel.getByRole('link', { name: siteName ?? '' }).waitFor();
  await page.getByRole('row', { name: new RegExp(`${name}.*Online.*${siteName}`) }).waitFor();
  expect(page.url()).toContain(`#/package-servers/${agentId}`);
  await panel.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: `Edit ${name}` });
  await edit.getByLabel('Share of its disk').fill('99');
  await edit.getByRole('button', { name: 'Save Package Server' }).click();
  await edit.getByText('Enter 95 % or less.').waitFor();
  await edit.getByLabel('Share of its disk').fill('60');
  await edit.getByRole('switch', { name: 'Constrained' }).check();
  await edit.getByRole('button', { name: 'Save Package Server' }).click();
  await panel.getByText('Assigned packages only').waitFor();
  expect(await client.call('packageServer', { params: { agentId } })).toMatchObject({
    maxCache: 60,
    constrained: true,
  });
  await panel.getByRole('button', { name: 'Remove…' }).click();
  const confirm = page.getByRole('alertdialog', { name: `Take the role from ${name}?` });
  await confirm.getByRole('button', { name: 'Remove Package Server' }).click();
  await waitForNotice(page, `${name} is no Package Server any longer.`);
  await page.getByRole('heading', { name: 'No agent is a Package Server' }).waitFor();
  expect(await client.call('packageServers', {})).toEqual([]);
});

it('keeps what was typed when somebody else saved it meanwhile, and tells helpdesk without a way to change it', async () => {
  const { client, server } = console_.running;
  const { agentId, name } = agent(1);
  const { version } = await client.call('addPackageServer', { body: { agentId } });
  const page = await openPackageServers();
  await page.getByRole('link', { name }).click();
  const panel = page.getByRole('complementary', { name });
  await panel.getByRole('button', { name: 'Edit' }).click();
  const edit = page.getByRole('dialog', { name: `Edit ${name}` });
  await edit.getByLabel('Upload to all together').fill('5000');
  await client.call('updatePackageServer', { params: { agentId }, body: { maxUpload: 700, freshFor: 48, version } });
  await edit.getByRole('button', { name: 'Save Package Server' }).click();
  await edit.getByText('Yours of upload to all together still stands here').waitFor();
  await edit.getByRole('button', { name: 'Save Package Server' }).click();
  await panel.getByText('5,000 KB/s').waitFor();
  expect(await client.call('packageServer', { params: { agentId } })).toMatchObject({ maxUpload: 5000, freshFor: 48 });

  const password = 'correct horse battery staple';
  await client.call('createAccount', { body: { name: 'lee', role: 'helpdesk', password } });
  const helpdesk = await console_.newPage();
  await signInWithPassword(helpdesk, server.consoleUrl, 'lee', password);
  await openPage(helpdesk, 'packageServers');
  await helpdesk.getByRole('link', { name }).click();
  await helpdesk.getByRole('complementary', { name }).getByText('5,000 KB/s').waitFor();
  for (const label of ['Add Package Server', 'Edit', 'Remove…']) {
    expect(await helpdesk.getByRole('button', { name: label }).count(), label).toBe(0);
  }
});
