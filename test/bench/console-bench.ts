/**
 * The console before 10,000 agents and 1,000 packages: first useful paint, long tasks while lists are scrolled, filtered and sorted,
 * and what an open Overview costs. A real server with a written database, live events of some agents, and Chromium.
 *
 *   npm run bench:console -- [--agents 10000] [--packages 1000] [--live 20] [--minutes 1]
 *
 * Prints one JSON line. Times in milliseconds; `longestTaskMs`: of the page's main thread, null where none took 50 ms. `overview`:
 * share of a core of the page's process, updates per second, and its JavaScript heap after collections at both ends of `--minutes`.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { runUndisturbed } from '../../build/bench/undisturbed.ts';
import { scriptOptions, wholeNumber } from '../../build/script-options.ts';
import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { insertPackage } from '../../electron/database/stores/package-store.ts';
import { ConsoleClient } from '../../electron/fleet/console-client.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';
import { temporaryFolder } from '../notification-server/support/test-server.ts';
import { launchChromium } from '../support/chromium.ts';
import { registerAgents } from '../support/registered-agents.ts';
import type {} from '../support/test-globals.ts';
import { BenchedServer } from './benched-server.ts';
import { sendEventsEachSecond } from './live-events.ts';

const { values } = scriptOptions(import.meta.filename, {
  options: {
    agents: { type: 'string', default: '10000' },
    packages: { type: 'string', default: '1000' },
    live: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '1' },
  },
});
const agentCount = wholeNumber('agents', values.agents, 1);
const packageCount = wholeNumber('packages', values.packages, 1);
const liveCount = wholeNumber('live', values.live, 1);
const minutes = wholeNumber('minutes', values.minutes, 1);
const screenfulPx = 600;

type StorageState = Awaited<ReturnType<BrowserContext['storageState']>>;

runUndisturbed();
const folder = await temporaryFolder();
const dataFolder = path.join(folder.path, 'server');
await mkdir(dataFolder);
await writeDatabase(path.join(dataFolder, 'fanout.db'));
const server = await BenchedServer.start(dataFolder, null, []);
const browser = await launchChromium();
const live = await sendEventsEachSecond(server.agentUrl, await joinToken(), liveCount);
try {
  console.log(JSON.stringify({ agents: agentCount, packages: packageCount, ...(await benchConsole(browser)) }));
} finally {
  await live.stop();
  await browser.close();
  await server.stop();
  await folder.remove();
}
process.exit();

async function writeDatabase(file: string): Promise<void> {
  const access = await openDatabaseAccess({ file });
  await registerAgents(access.writer, Math.max(0, agentCount - liveCount));
  await access.writer.transact(async (transaction) => {
    for (let index = 1; index <= packageCount; index++) {
      const guid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` as PackageGuid;
      const key = packageKeyOf(guid, '1.0');
      const content = { files: 1, totalSizeBytes: 70_000_000, blockCount: 34, withdrawnAtMs: null };
      await insertPackage(transaction, {
        guid,
        key,
        version: '1.0',
        name: `Package ${index}`,
        createdAtMs: index,
        ...content,
      });
    }
  });
  await access.close();
}

async function joinToken(): Promise<string> {
  const answer = await new ConsoleClient(server.consoleUrl, server.apiToken).call('joinToken', {});
  return answer.joinToken;
}

async function benchConsole(chromium: Browser) {
  const context = await chromium.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(watchLongTasks);
  const { url: link } = await new ConsoleClient(server.consoleUrl, server.apiToken).call('signInLink', {});
  await page.goto(link);
  await tileShown(page);
  const startLongestTaskMs = await longestTask(page);
  const firstUsefulPaintMs = await firstPaint(chromium, await context.storageState());
  const agents = await benchList(page, 'Agents', 'computer-9999');
  const packages = await benchList(page, 'Packages', 'Package 999');
  const overview = await benchOverview(chromium, page);
  return { firstUsefulPaintMs, startLongestTaskMs, lists: { agents, packages }, overview };
}

/** Of a browser that has never seen the console but is signed in: until the first figure stands there. */
async function firstPaint(chromium: Browser, storageState: StorageState): Promise<number> {
  const context = await chromium.newContext({ storageState });
  const page = await context.newPage();
  await page.goto(`${server.consoleUrl}/#/overview`);
  await tileShown(page);
  const elapsedMs = await page.evaluate(() => performance.now());
  await context.close();
  return Math.round(elapsedMs);
}

async function tileShown(page: Page): Promise<void> {
  await page.waitForFunction(
    () => [...document.querySelectorAll('dt')].some((term) => term.textContent === 'Agents online'),
    undefined,
    { polling: 'raf' },
  );
}

async function benchList(page: Page, name: string, oneOfMany: string) {
  // What this page did while another one was loaded is not of the list.
  await longestTask(page);
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true }).click();
  const grid = page.getByRole('grid', { name });
  await grid.getByRole('row').nth(5).waitFor();
  const openedMs = await longestTask(page);
  const rows = Number(await grid.getAttribute('aria-rowcount')) - 1;
  const frames = await grid.evaluate(scrollToEnd, screenfulPx);
  const scrolledMs = await longestTask(page);
  const filter = page
    .getByRole('searchbox')
    .or(page.getByPlaceholder(/filter/i))
    .first();
  await filter.pressSequentially(oneOfMany, { delay: 60 });
  await grid.getByRole('row').nth(1).waitFor();
  const filteredMs = await longestTask(page);
  await filter.fill('');
  await grid.getByRole('columnheader').nth(1).getByRole('button').click();
  await grid.getByRole('row').nth(5).waitFor();
  const sortedMs = await longestTask(page);
  return {
    rows,
    frames,
    longestTaskMs: { opened: openedMs, scrolled: scrolledMs, filtered: filteredMs, sorted: sortedMs },
  };
}

async function benchOverview(chromium: Browser, page: Page) {
  await page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name: 'Overview', exact: true }).click();
  await tileShown(page);
  const processes = await chromium.newBrowserCDPSession();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let updates = 0;
  session.on('Network.webSocketFrameReceived', () => updates++);
  const heapAtStartMib = await heapMib(session);
  await longestTask(page);
  const [cpuBefore, beganMs] = [await rendererCpuSeconds(processes), performance.now()];
  updates = 0;
  await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
  const seconds = (performance.now() - beganMs) / 1000;
  const cpuShare = ((await rendererCpuSeconds(processes)) - cpuBefore) / seconds;
  const updatesPerSecond = updates / seconds;
  const longestTaskMs = await longestTask(page);
  const heapAtEndMib = await heapMib(session);
  const rounded = (value: number) => Math.round(value * 1000) / 1000;
  return {
    seconds: Math.round(seconds),
    cpuShare: rounded(cpuShare),
    updatesPerSecond: rounded(updatesPerSecond),
    longestTaskMs,
    heapAtStartMib,
    heapAtEndMib,
  };
}

async function rendererCpuSeconds(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function heapMib(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return Math.round((usedSize / 1024 / 1024) * 10) / 10;
}

/** The longest since it was asked last; null: none of 50 ms or more. */
async function longestTask(page: Page): Promise<number | null> {
  // What is in the observer's queue comes with the next frame.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
  return page.evaluate(() => {
    const tasks = window.longTasksMs.splice(0);
    return tasks.length === 0 ? null : Math.round(Math.max(...tasks));
  });
}

/** In the page, before anything else. */
function watchLongTasks(): void {
  window.longTasksMs = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasksMs.push(entry.duration);
  }).observe({ type: 'longtask', buffered: true });
}

/** In the page: a screenful with each frame, to the last row. How many frames that took. */
async function scrollToEnd(grid: Element, stepPx: number): Promise<number> {
  let frames = 0;
  while (grid.scrollTop + grid.clientHeight < grid.scrollHeight - 1) {
    grid.scrollTop += stepPx;
    frames++;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return frames;
}
