import type { Page } from 'playwright-core';
import { openPage } from './shell.ts';

export interface ImportFlow {
  /** On the Notification Server's computer. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
}

/** Fills the import dialog in and sends it; the dialog closes when the server has taken it. */
export async function startImport(page: Page, { path, name, version }: ImportFlow): Promise<void> {
  await openPage(page, 'packages');
  await page.getByRole('button', { name: 'Import package' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a package' });
  await dialog.getByLabel('Path').fill(path);
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Version').fill(version);
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
}

/** Imports and waits until the package is listed. */
export async function importPackage(page: Page, flow: ImportFlow): Promise<void> {
  await startImport(page, flow);
  await packageRow(page, flow.name).waitFor({ timeout: 60_000 });
}

export function packageRow(page: Page, name: string) {
  return page
    .getByRole('grid', { name: 'Packages' })
    .getByRole('row')
    .filter({ has: page.getByRole('link', { name, exact: true }) });
}

/** Opens the delivery wizard from the list and delivers to all agents, with nothing else said. */
export async function deliverToAll(page: Page, name: string): Promise<void> {
  await openPage(page, 'packages');
  await packageRow(page, name)
    .getByRole('button', { name: /^Deliver/ })
    .click();
  const dialog = page.getByRole('dialog', { name: /^Deliver/ });
  await dialog.getByLabel('What row 1 asks for').selectOption('All agents');
  await dialog.getByRole('tab', { name: 'Summary' }).click();
  await dialog.getByRole('button', { name: 'Deliver', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

/** Waits until the list says that so many agents are ready. */
export async function waitForReady(page: Page, name: string, agents: number, withinMs: number): Promise<void> {
  await packageRow(page, name).getByText(`${agents} of ${agents} ready`).waitFor({ timeout: withinMs });
}
