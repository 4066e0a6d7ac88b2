import { expect, it } from 'vitest';
import type {} from '../support/test-globals.ts';
import { openPage, signIn } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { until } from './support/console-server.ts';

const agents = 2500;
const console_ = consoleBrowser({ registeredAgents: agents });

it('shows thousands of agents in the order of people, finds one of them, and never says that there is none', async () => {
  const page = await console_.newPage();
  await page.addInitScript(() => {
    window.wordsSeen = [];
    const look = () => {
      const grid = document.querySelector('[role=grid]');
      if (grid !== null) window.wordsSeen.push(grid.textContent);
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await signIn(page, console_.running.server.makeSignInLink());
  await openPage(page, 'agents');
  const grid = page.getByRole('grid', { name: 'Agents' });
  const names = () => grid.getByRole('link').allTextContents();
  await until('the first agent is on top', 15_000, async () => (await names())[0] === 'computer-0');
  expect(await grid.getByRole('row').nth(11).getByRole('gridcell').first().textContent()).toBe('computer-10');
  await page.getByRole('status').getByText('2,500 agents', { exact: true }).waitFor();
  expect(await grid.getAttribute('aria-rowcount')).toBe(String(agents + 1));
  const words = await page.evaluate(() => window.wordsSeen);
  expect(words.length).toBeGreaterThan(0);
  expect(words.filter((text) => /No agents|Nothing matches/.test(text))).toEqual([]);

  await page.getByRole('searchbox', { name: 'Filter Agents' }).fill('computer-1999');
  await page.getByRole('status').getByText('1 of 2,500 agents').waitFor();
  expect(await names()).toEqual(['computer-1999']);
  await page.getByRole('searchbox', { name: 'Filter Agents' }).fill('computer-9999');
  await grid.getByText('Nothing matches the filter.').waitFor();
  await page.getByRole('searchbox', { name: 'Filter Agents' }).fill('');

  await grid.getByRole('button', { name: 'Name' }).click();
  await until('the last agent is on top', 15_000, async () => (await names())[0] === `computer-${agents - 1}`);
});
