import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minimumWindowSize, placeWindow, readWindowState, writeWindowState } from '../../electron/main/window-state.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fanout-window-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const laptop = { x: 0, y: 24, width: 1440, height: 876 };
const second = { x: 1440, y: 0, width: 1920, height: 1080 };

describe('the kept state of the window', () => {
  it('comes back as it was written', () => {
    const file = path.join(folder, 'desktop', 'window.json');
    const state = { bounds: { x: 10, y: 40, width: 1000, height: 700 }, isMaximized: true };
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
  });

  it.each(['', '{"bounds":', '{"bounds":{"x":1}}', '[]'])('is ignored where the file holds %j', (text) => {
    const file = path.join(folder, 'window.json');
    writeFileSync(file, text);
    expect(readWindowState(file)).toBeNull();
  });

  it('is absent at the first start', () => {
    expect(readWindowState(path.join(folder, 'none.json'))).toBeNull();
  });
});

describe('where the window opens', () => {
  it('opens where it was, on a second display too', () => {
    const bounds = { x: 1600, y: 100, width: 1200, height: 800 };
    expect(placeWindow({ bounds, isMaximized: false }, [laptop, second])).toEqual(bounds);
  });

  it('lets the system choose the place where the display is gone', () => {
    const place = placeWindow({ bounds: { x: 1600, y: 100, width: 1200, height: 800 }, isMaximized: false }, [laptop]);
    expect(place).not.toHaveProperty('x');
    expect(place.width).toBeLessThanOrEqual(laptop.width);
  });

  it('keeps the title bar within reach', () => {
    const above = { bounds: { x: 100, y: -300, width: 1200, height: 800 }, isMaximized: false };
    expect(placeWindow(above, [laptop])).not.toHaveProperty('y');
  });

  it('fits a large window to a small display, down to the smallest useful size', () => {
    const huge = { bounds: { x: 0, y: 24, width: 4000, height: 3000 }, isMaximized: false };
    expect(placeWindow(huge, [laptop])).toMatchObject({ width: laptop.width, height: laptop.height });
    expect(placeWindow(huge, [{ x: 0, y: 0, width: 640, height: 400 }])).toMatchObject(minimumWindowSize);
  });
});
