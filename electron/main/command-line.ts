import path from 'node:path';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import { err, ok, type Result } from '../../shared/base/result.ts';

export interface DesktopOptions {
  /** Absolute; null = the system's folder for user data. */
  readonly dataFolder: string | null;
  /** Begin with an empty data folder. */
  readonly isFresh: boolean;
  /** Start the demo fleet, whatever was chosen at the first run. */
  readonly isDemoFleetAskedFor: boolean;
  /** Where agents reach the server; port 0 = any that is free. */
  readonly agentListen: { readonly address: string; readonly port: number };
  /** Where the console is served; 0 = any free port. */
  readonly consolePort: number;
}

const defaultConsolePort = 27802;

/**
 * Reads the options that `fanout serve` has too: `--data FOLDER`, `--fresh`, `--demo-fleet`, `--listen ADDRESS:PORT`, `--console-port N` (with `=`
 * as well). Everything else is left alone: Electron and Chromium have hundreds of switches of their own on the same line.
 * What comes after `--` is no option: links of other programs come there.
 * The error is a sentence for people.
 */
export function parseCommandLine(line: readonly string[], workingFolder: string): Result<DesktopOptions, string> {
  const end = line.indexOf('--');
  const args = end === -1 ? line : line.slice(0, end);
  const folder = optionValue(args, '--data');
  if (folder === '') return err('--data needs a folder, as in: --data /srv/fanout');
  const agentListen = parseListen(optionValue(args, '--listen') ?? '127.0.0.1:27800');
  if (agentListen === null) return err('--listen needs an IPv4 address and a port, such as 127.0.0.1:27800.');
  const consolePort = parsePort(optionValue(args, '--console-port') ?? String(defaultConsolePort));
  if (consolePort === null) return err('--console-port needs a number from 0 to 65535.');
  const dataFolder = folder === null ? null : path.resolve(workingFolder, folder);
  const isDemoFleetAskedFor = args.includes('--demo-fleet');
  return ok({ dataFolder, isFresh: args.includes('--fresh'), isDemoFleetAskedFor, agentListen, consolePort });
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

/** `ADDRESS:PORT`, `ADDRESS` or `PORT`. */
function parseListen(text: string): DesktopOptions['agentListen'] | null {
  const match = /^(?:(\d+\.\d+\.\d+\.\d+)(?::(\d+))?|(\d+))$/.exec(text);
  const address = match?.[1] ?? '127.0.0.1';
  const port = parsePort(match?.[2] ?? match?.[3] ?? '27800');
  return match === null || port === null || parseIpv4(address) === null ? null : { address, port };
}

function parsePort(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : null;
}
