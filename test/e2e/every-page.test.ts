import { readFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type {} from '../support/test-globals.ts';
import { signIn, signInWithPassword } from './flows/shell.ts';
import { consoleBrowser } from './support/console-browser.ts';
import { chooseScheme, openAddress } from './support/open-address.ts';
import { setUpWholeOrganisation, type WholeOrganisation } from './support/whole-organisation.ts';

const console_ = consoleBrowser();
let organisation: WholeOrganisation;
let page: Page;

beforeAll(async () => {
  organisation = await setUpWholeOrganisation(console_.running);
  page = await console_.newPage();
  await signIn(page, console_.running.server.makeSignInLink());
});

it('knows an address for each page', () => {
  const pages = readFileSync(path.resolve(import.meta.dirname, '../../renderer/app/pages.tsx'), 'utf8');
  const patterns = [...pages.matchAll(/pattern: '([^']+)'/g)].map(([, pattern]) => pattern ?? '');
  expect(patterns.length).toBeGreaterThan(10);
  const unvisited = patterns.filter((pattern) => {
    const expression = pattern.replaceAll(/\/:\w+\?/g, '(/[^/]+)?').replaceAll(/:\w+/g, '[^/]+');
    return !organisation.addresses.some((address) => new RegExp(`^${expression}$`).test(address.split('?')[0] ?? ''));
  });
  expect(unvisited).toEqual([]);
});

// What differs in the dark, is colours.
for (const [colorScheme, only] of [
  ['light', null],
  ['dark', ['color-contrast', 'link-in-text-block']],
] as const) {
  it(`has no serious accessibility fault on any page, ${colorScheme}`, async () => {
    await chooseScheme(page, colorScheme);
    const faults: string[] = [];
    for (const address of organisation.addresses) {
      await openAddress(page, console_.running.server.consoleUrl, address);
      faults.push(...(await faultsOf(page, only)).map((fault) => `${address}: ${fault}`));
    }
    expect(faults).toEqual([]);
  }, 180_000);
}

/** What axe calls serious or critical, with the places. */
async function faultsOf(where: Page, only: readonly string[] | null): Promise<string[]> {
  if (!(await where.evaluate(() => 'axe' in window))) await where.evaluate(axe.source);
  const violations = await where.evaluate(async (rules) => {
    // Fluent's focus keeper: invisible stops that send the focus on at once.
    const results = await window.axe.run(
      { exclude: ['[data-tabster-dummy]'] },
      {
        resultTypes: ['violations'],
        ...(rules === null ? {} : { runOnly: [...rules] }),
        // Sees no name that comes from aria-labelledby; the rule `label` does, and is critical.
        rules: { 'label-title-only': { enabled: false } },
      },
    );
    return results.violations.map(({ id, impact, nodes }) => ({
      id,
      impact,
      places: nodes.slice(0, 3).map(({ html, any }) => `${html.slice(0, 160)} ${any[0]?.message ?? ''}`),
    }));
  }, only);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, places }) => `${impact} ${id}: ${places.join(' | ')}`);
}

/** 200 % zoom on a screen of 1280 × 800 leaves a page half of each. */
for (const [name, viewport] of [
  ['at 1280 × 800', { width: 1280, height: 800 }],
  ['at 200 % zoom', { width: 640, height: 400 }],
] as const) {
  it(`needs no scrolling sideways on any page, ${name}`, async () => {
    await page.setViewportSize(viewport);
    const tooWide: string[] = [];
    for (const address of organisation.addresses) {
      await openAddress(page, console_.running.server.consoleUrl, address);
      const overflowPx = await page.evaluate(() => {
        const main = document.querySelector('main');
        const inside = main === null ? 0 : main.scrollWidth - main.clientWidth;
        return Math.max(inside, document.documentElement.scrollWidth - window.innerWidth);
      });
      if (overflowPx > 0) tooWide.push(`${address}: ${overflowPx} px`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(tooWide).toEqual([]);
  }, 120_000);
}

it('asks the server for nothing that helpdesk may not have', async () => {
  const theirs = await console_.newPage();
  const { name, password } = organisation.helpdesk;
  const refused: string[] = [];
  theirs.on('response', (answer) => {
    if (answer.status() === 403) refused.push(`${new URL(theirs.url()).hash}: ${answer.url()}`);
  });
  await signInWithPassword(theirs, console_.running.server.consoleUrl, name, password);
  for (const address of organisation.addresses) await openAddress(theirs, console_.running.server.consoleUrl, address);
  expect(refused).toEqual([]);
}, 120_000);
