import path from 'node:path';
import { err, ok, type Result } from '../../shared/base/result.ts';

export interface DesktopOptions {
  /** Absolute; null = the system's folder for user data. */
  readonly dataFolder: string | null;
  /** Begin with an empty data folder. */
  readonly isFresh: boolean;
  /** Where agents reach the server; 0 = any free port. */
  readonly agentPort: number;
  /** Where the console is served; 0 = any free port. */
  readonly consolePort: number;
}

const defaults: DesktopOptions = { dataFolder: null, isFresh: false, agentPort: 27800, consolePort: 27802 };

/**
 * Reads `--data FOLDER`, `--fresh`, `--agent-port N` and `--console-port N` (with `=` as well). Everything else is left alone:
 * Electron and Chromium have hundreds of switches of their own on the same line. The error is a sentence for people.
 */
export function parseCommandLine(args: readonly string[], workingFolder: string): Result<DesktopOptions, string> {
  const folder = optionValue(args, '--data');
  if (folder === '') return err('--data needs a folder, as in: --data /srv/fanout');
  const agentPort = portOf(args, '--agent-port', defaults.agentPort);
  const consolePort = portOf(args, '--console-port', defaults.consolePort);
  if (agentPort === null) return err('--agent-port needs a number from 0 to 65535.');
  if (consolePort === null) return err('--console-port needs a number from 0 to 65535.');
  const dataFolder = folder === null ? null : path.resolve(workingFolder, folder);
  return ok({ dataFolder, isFresh: args.includes('--fresh'), agentPort, consolePort });
}

/** Null where the option is not there, '' where it has no value. The last one counts. */
function optionValue(args: readonly string[], option: string): string | null {
  let value: string | null = null;
  for (const [index, argument] of args.entries()) {
    if (argument.startsWith(`${option}=`)) value = argument.slice(option.length + 1);
    if (argument !== option) continue;
    const next = args[index + 1] ?? '';
    value = next.startsWith('--') ? '' : next;
  }
  return value;
}

function portOf(args: readonly string[], option: string, otherwise: number): number | null {
  const text = optionValue(args, option);
  if (text === null) return otherwise;
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : null;
}
