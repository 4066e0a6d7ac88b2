import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchChromium } from '../../support/chromium.ts';
import { type ConsoleServer, type ConsoleServerOptions, startConsoleServer } from './console-server.ts';

export interface ConsoleBrowser {
  readonly running: ConsoleServer;
  /** A page of its own session, in which a complaint of the page fails the test. */
  newPage(): Promise<Page>;
}

/** A server and a browser for the tests of one file; the object is filled before the first of them. */
export function consoleBrowser(options: ConsoleServerOptions = {}): ConsoleBrowser {
  const complaints: string[] = [];
  let browser: Browser | null = null;
  let server: ConsoleServer | null = null;
  beforeAll(async () => {
    [browser, server] = await Promise.all([launchChromium(), startConsoleServer(options)]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });
  return {
    get running() {
      if (server === null) throw new Error('the server has not started yet');
      return server;
    },
    async newPage() {
      if (browser === null) throw new Error('the browser has not started yet');
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // The browser itself reports each answer with a refusal, which the console has to tell in words of its own.
        const isRefusal = /the server responded with a status of 4\d\d/.test(message.text());
        if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
      });
      return page;
    },
  };
}
