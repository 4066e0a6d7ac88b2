import { describe, expect, it } from 'vitest';
import { isConsolePage } from '../../electron/preload/console-origin.ts';
import { consoleOriginArgument } from '../../shared/contracts/desktop-channels.ts';

const origin = 'http://127.0.0.1:27802';
const processArguments = ['electron', '--type=renderer', `${consoleOriginArgument}${origin}`];

describe('which page gets the desktop bridge', () => {
  it('is the main frame of the console', () => {
    expect(isConsolePage(processArguments, { origin, isMainFrame: true })).toBe(true);
  });

  it('is no frame inside another page', () => {
    expect(isConsolePage(processArguments, { origin, isMainFrame: false })).toBe(false);
  });

  it.each(['http://127.0.0.1:27803', 'http://127.0.0.1:278021', 'https://example.org', 'null', ''])(
    'is not a page of %j',
    (other) => {
      expect(isConsolePage(processArguments, { origin: other, isMainFrame: true })).toBe(false);
    },
  );

  it('is none at all where the main process named no origin', () => {
    expect(isConsolePage(['electron'], { origin: '', isMainFrame: true })).toBe(false);
    expect(isConsolePage(['electron'], { origin, isMainFrame: true })).toBe(false);
  });
});
