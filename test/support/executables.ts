/** The programs that tests start, found as the bootstrap finds them. */
import path from 'node:path';
import { findElectronRuntime } from '../../build/bootstrap/electron-runtime.mjs';

export const root = path.resolve(import.meta.dirname, '../..');

/** The Electron executable, or null: then the test says so with `context.skip(reason)`. */
export const electronExecutable: string | null = findElectronRuntime();

/** As root Chromium's sandbox cannot start. */
export const sandboxFlags: readonly string[] = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
