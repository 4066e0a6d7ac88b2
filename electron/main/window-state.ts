import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/** Device-independent pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const minimumWindowSize = { width: 800, height: 500 } as const;
const defaultWindowSize = { width: 1360, height: 860 } as const;
/** So much of a window must lie on a display, or nobody can grab it. */
const minimumVisiblePixels = 80;

const windowStateSchema = z.object({
  bounds: z.object({
    x: z.number().int(),
    y: z.number().int(),
    width: z.number().int().min(1).max(32_767),
    height: z.number().int().min(1).max(32_767),
  }),
  isMaximized: z.boolean(),
});
export type WindowState = z.infer<typeof windowStateSchema>;

/** Null where nothing usable was kept: how a window looked is never worth an error. */
export function readWindowState(file: string): WindowState | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null; // the first start, or a folder that cannot be read: both begin with the default size
  }
  try {
    const parsed = windowStateSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // not JSON: a half-written file of a crashed start
  }
}

/** Throws where the folder cannot be written. */
export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** Where to open the window: as it was kept, fitted to the displays (their work areas) that are there now. */
export function placeWindow(kept: WindowState | null, workAreas: readonly Rectangle[]): Partial<Rectangle> {
  const area = workAreas.find((candidate) => kept !== null && isGrabbable(kept.bounds, candidate));
  if (kept === null || area === undefined) return fittedSize(defaultWindowSize, workAreas[0]);
  return { x: kept.bounds.x, y: kept.bounds.y, ...fittedSize(kept.bounds, area) };
}

function fittedSize(wanted: Pick<Rectangle, 'width' | 'height'>, area: Rectangle | undefined) {
  return {
    width: Math.max(minimumWindowSize.width, Math.min(wanted.width, area?.width ?? wanted.width)),
    height: Math.max(minimumWindowSize.height, Math.min(wanted.height, area?.height ?? wanted.height)),
  };
}

function isGrabbable(bounds: Rectangle, area: Rectangle): boolean {
  const overlap = (start: number, length: number, areaStart: number, areaLength: number) =>
    Math.min(start + length, areaStart + areaLength) - Math.max(start, areaStart);
  return (
    overlap(bounds.x, bounds.width, area.x, area.width) >= minimumVisiblePixels &&
    overlap(bounds.y, bounds.height, area.y, area.height) >= minimumVisiblePixels &&
    bounds.y >= area.y // the title bar is at the top
  );
}
