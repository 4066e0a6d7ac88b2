import type { Locator, Page } from 'playwright-core';
import { openPage } from './shell.ts';

export function agentRow(page: Page, name: string): Locator {
  return page
    .getByRole('grid', { name: 'Agents' })
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Opens the list and waits until it shows these agents as online. */
export async function waitForOnlineAgents(page: Page, names: readonly string[]): Promise<void> {
  await openPage(page, 'agents');
  for (const name of names) await agentRow(page, name).getByText('Online').waitFor();
}

/** Opens an agent's page on its Peer Downloading tab and waits for the agent's own report. */
export async function openPeerDownloading(page: Page, name: string): Promise<void> {
  await openPage(page, 'agents');
  await agentRow(page, name).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  await page.getByRole('note', { name: 'The answer in one sentence' }).waitFor();
}

export interface ShownBlocks {
  readonly verified: number;
  readonly all: number;
  readonly inFlight: number;
}

/** What the block map of a package tells screen readers. */
export async function readBlockMap(page: Page, packageName: string): Promise<ShownBlocks> {
  const map = page.getByRole('region', { name: packageName }).getByRole('img', { name: /^Block map/ });
  const label = (await map.getAttribute('aria-label')) ?? '';
  const [verified, all, inFlight] = label.match(/\d[\d,]*/g)?.map((text) => Number(text.replaceAll(',', ''))) ?? [];
  if (verified === undefined || all === undefined || inFlight === undefined) {
    throw new Error(`a block map with another label: ${label}`);
  }
  return { verified, all, inFlight };
}
