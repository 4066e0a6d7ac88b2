import path from 'node:path';
import { err, ok, type Result } from '../../shared/base/result.ts';

export interface DesktopOptions {
  /** Absolute; null = the system's folder for user data. */
  readonly dataFolder: string | null;
  /** Begin with an empty data folder. */
  readonly isFresh: boolean;
}

/**
 * Reads `--data FOLDER`, `--data=FOLDER` and `--fresh`. Everything else is left alone: Electron and Chromium have hundreds of
 * switches of their own on the same line. The error is a sentence for people.
 */
export function parseCommandLine(args: readonly string[], workingFolder: string): Result<DesktopOptions, string> {
  let dataFolder: string | null = null;
  let isFresh = false;
  for (const [index, argument] of args.entries()) {
    if (argument === '--fresh') isFresh = true;
    const value =
      argument === '--data'
        ? args[index + 1]
        : argument.startsWith('--data=')
          ? argument.slice('--data='.length)
          : null;
    if (value === null) continue;
    if (value === undefined || value === '' || value.startsWith('--')) {
      return err('--data needs a folder, as in: --data /srv/fanout');
    }
    dataFolder = path.resolve(workingFolder, value);
  }
  return ok({ dataFolder, isFresh });
}
