/**
 * Makes the pictures of README.md and docs/: a real server with the demo fleet, and the console in Chromium while the
 * fleet's first package is on its way.
 *
 *   npm run screenshots
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import { findChromium } from './bootstrap/chromium.mjs';

const root = path.resolve(import.meta.dirname, '..');
const images = path.join(root, 'docs/images');
const stopWithinMs = 20_000;

/** Starts `fanout serve` with a fleet of its own, and gives its link and the way to stop it. */
async function startServer() {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'fanout-screenshots-'));
  const server = spawn(
    process.execPath,
    [
      path.join(root, 'dist/cli/main.mjs'),
      ...['serve', '--demo-fleet', '--json', '--data', dataFolder, '--listen', '127.0.0.1:0', '--console-port', '0'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const exited = new Promise((resolve) => server.once('exit', resolve));
  const [line] = await Promise.race([
    new Promise((resolve) => createInterface({ input: server.stdout }).once('line', (text) => resolve([text]))),
    exited.then(() => [null]),
  ]);
  if (line === null) throw new Error('fanout serve ended before it was up');
  return {
    signInLink: String(JSON.parse(line).signInLink),
    async stop() {
      server.kill('SIGTERM');
      const timer = setTimeout(() => server.kill('SIGKILL'), stopWithinMs);
      await exited;
      clearTimeout(timer);
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function picture(page, name) {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(images, `${name}.png`), animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}

/** @param {import('playwright-core').Page} page @param {string} name */
async function openPage(page, name) {
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** @param {import('playwright-core').Page} page */
async function takePictures(page) {
  await openPage(page, 'Packages');
  const delivered = page.getByRole('grid', { name: 'Packages' }).getByRole('row').nth(1);
  await delivered.getByText(/of 12 ready/).waitFor();

  await openPage(page, 'Agents');
  const downloading = page.getByRole('row').filter({ hasText: 'Downloading' }).first();
  await downloading.getByRole('link').click();
  const map = page.getByRole('img', { name: /^Block map: [1-9]\d+ of / });
  await map.first().waitFor();
  await picture(page, 'agent');

  await openPage(page, 'Packages');
  await delivered.getByText('12 of 12 ready').waitFor();
  await picture(page, 'packages');

  await openPage(page, 'Targeted Agent Settings');
  await page.getByRole('tabpanel', { name: 'Downloads' }).waitFor();
  await picture(page, 'settings');

  await openPage(page, 'Overview');
  await page.getByRole('tab', { name: '2 minutes' }).click();
  await page.getByRole('grid', { name: 'WAN copies' }).getByText('On target').nth(2).waitFor();
  await page.getByRole('img', { name: /^Direct and peer traffic/ }).waitFor();
  await picture(page, 'overview');
}

const executablePath = findChromium();
if (executablePath === null) throw new Error('No Chromium found: install one or name it in CHROMIUM_PATH.');
mkdirSync(images, { recursive: true });
const server = await startServer();
try {
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // as root Chromium's sandbox cannot start
      ...['--disable-background-networking', '--disable-component-update', '--disable-gpu', '--disable-quic'],
      ...['--disable-sync', '--no-first-run'],
    ],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
    context.setDefaultTimeout(180_000); // the package takes its time over the demo's WAN links
    const page = await context.newPage();
    await page.goto(server.signInLink);
    await takePictures(page);
  } finally {
    await browser.close();
  }
} finally {
  await server.stop();
}
