/** Starts the built desktop application in a real Electron, with a data folder and ports of its own. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { hasDisplay } from '../../../build/bootstrap/electron-runtime.mjs';
import { electronExecutable, root, sandboxFlags } from '../../support/executables.ts';
import { type StartedApplication, startedApplication } from './started-application.ts';

/** Why no window can be shown here, or null. */
export const missingForWindows: string | null =
  electronExecutable === null ? 'no Electron runtime' : hasDisplay() ? null : 'no display';

/** A start with the demo fleet takes about four seconds; a busy computer may need several times that. */
const startWithinMs = 60_000;

export function newDataFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'fanout-desktop-'));
}

/** What the application is started with; `--disable-gpu` because a virtual display has none. */
export function desktopArguments(dataFolder: string, ...further: string[]): string[] {
  const ports = ['--listen', '0', '--console-port', '0'];
  // The application sets the same profile; a runtime that loads it late has taken another one by then.
  const chromium = [...sandboxFlags, '--disable-gpu', `--user-data-dir=${path.join(dataFolder, 'desktop')}`];
  return [...chromium, root, '--data', dataFolder, ...ports, ...further];
}

export interface DesktopApplication extends StartedApplication {
  readonly electron: ElectronApplication;
  readonly page: Page;
}

export async function startDesktop(dataFolder = newDataFolder(), ...options: string[]): Promise<DesktopApplication> {
  if (electronExecutable === null) throw new Error('no Electron runtime');
  const electron = await _electron.launch({
    executablePath: electronExecutable,
    args: desktopArguments(dataFolder, ...options),
    colorScheme: null, // else Playwright stands in for the system
    timeout: startWithinMs,
  });
  const application = startedApplication(electron.process(), dataFolder);
  const page = await electron.firstWindow({ timeout: startWithinMs });
  return { ...application, electron, page };
}
