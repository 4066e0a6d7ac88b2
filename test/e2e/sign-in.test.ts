import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { openPage, signIn } from './flows/shell.ts';
import { type ConsoleServer, startConsoleServer } from './support/console-server.ts';

const password = 'a long enough secret';

let browser: Browser;
let running: ConsoleServer;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  [browser, running] = await Promise.all([launchChromium(), startConsoleServer()]);
  await running.client.call('createAccount', { body: { name: 'ada', role: 'helpdesk', password } });
});
afterAll(async () => {
  await browser?.close();
  await running?.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
});
afterEach(() => context.close());

async function typeAndSubmit(name: string, typed: string): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Password', { exact: true }).fill(typed);
  await page.keyboard.press('Enter');
}

it('signs in with name and password, and the header says who and as what', async () => {
  await page.goto(running.server.consoleUrl);
  await typeAndSubmit('Ada', password);
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
  await page.getByRole('button', { name: 'ada', exact: true }).click();
  await page.getByText('Helpdesk · Fanout').waitFor();
  await page.keyboard.press('Escape');
  await openPage(page, 'agents');
});

it('says beside the fields what was wrong, keeps the name and asks for the password again', async () => {
  await page.goto(running.server.consoleUrl);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').getByText('Enter your name and your password.').waitFor();
  await typeAndSubmit('ada', 'not this secret');
  await page.getByRole('alert').getByText('The name or the password is wrong, or the account is disabled.').waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('ada');
  const field = page.getByLabel('Password', { exact: true });
  expect([await field.inputValue(), await field.getAttribute('type')]).toEqual(['', 'password']);
  expect(await field.evaluate((input) => input === document.activeElement)).toBe(true);
  await field.fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
});

it('tells how long to wait after too many failures', async () => {
  await page.goto(running.server.consoleUrl);
  for (let failure = 0; failure < 12; failure++) {
    const answered = page.waitForResponse(/\/sign-ins$/);
    await typeAndSubmit('unknown-person', `wrong secret ${failure}`);
    if ((await answered).status() === 429) break;
    await page.getByRole('button', { name: 'Sign in', exact: true, disabled: false }).waitFor();
  }
  await page.getByText(/Too many sign-ins failed. Try again in \d+ s/).waitFor();
});

it('shows the way in at once when the account is disabled meanwhile', async () => {
  const { id } = await running.client.call('createAccount', {
    body: { name: 'bea', role: 'helpdesk', password },
  });
  await page.goto(running.server.consoleUrl);
  await typeAndSubmit('bea', password);
  await page.getByRole('navigation', { name: 'Console' }).waitFor();
  await running.client.call('updateAccount', { params: { id }, body: { disabled: true } });
  await page.getByText('Your session has ended. Sign in again.').waitFor();
  await page.getByLabel('Password', { exact: true }).waitFor();
});

it('still signs in with a one-time link, as the local administrator', async () => {
  await page.goto(running.server.consoleUrl);
  await page.getByLabel('Sign-in link').fill(running.server.makeSignInLink());
  await page.getByRole('button', { name: 'Use the link' }).click();
  await page.getByRole('button', { name: 'Local administrator' }).waitFor();
  await signIn(page, running.server.makeSignInLink());
});
