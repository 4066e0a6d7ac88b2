import { InvalidArgumentError } from 'commander';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import type { PostgresAddress } from '../database/postgres/postgres-address.ts';
import { parsePostgresAddress } from '../database/postgres/postgres-address.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Parser of a whole-number option; the error names the range. */
export function integerOption(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= minimum && value <= maximum)) {
      throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  };
}

export function yesNoOption(text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new InvalidArgumentError('Say yes or no.');
  return text === 'yes';
}

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** `ADDRESS:PORT`, `ADDRESS` or `PORT`; what is missing is 127.0.0.1 or 27800. Port 0 lets the system choose. */
export function listenOption(text: string): ListenAddress {
  const match = /^(?:(\d+\.\d+\.\d+\.\d+)(?::(\d+))?|(\d+))$/.exec(text);
  const address = match?.[1] ?? '127.0.0.1';
  const port = Number(match?.[2] ?? match?.[3] ?? 27800);
  if (match === null || parseIpv4(address) === null || port > 65535) {
    throw new InvalidArgumentError('Give an IPv4 address and a port, such as 127.0.0.1:27800 or 0.0.0.0:27800.');
  }
  return { address, port };
}

/** An `https:` or `http:` address, without a path. */
export function serverUrlOption(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InvalidArgumentError('Give an address such as https://server.example:27800.');
  }
  if ((url.protocol !== 'https:' && url.protocol !== 'http:') || url.pathname !== '/') {
    throw new InvalidArgumentError('Give an address such as https://server.example:27800, without a path.');
  }
  return url.origin;
}

export function interfaceOption(text: string): string {
  if (text !== 'auto' && parseIpv4(text) === null)
    throw new InvalidArgumentError('Give an IPv4 address such as 10.1.2.3.');
  return text;
}

/**
 * The database of `--database` or else of FANOUT_DATABASE; null = the embedded one. Not a parser of commander's, whose
 * messages repeat the value: it may hold a password.
 */
export function databaseOption(option: string | undefined, environment: NodeJS.ProcessEnv): PostgresAddress | null {
  const text = option ?? environment.FANOUT_DATABASE ?? '';
  // Agents of the embedded fleet are processes of their own and have no business with it.
  delete environment.FANOUT_DATABASE;
  if (text === '') return null;
  const address = parsePostgresAddress(text);
  if (!('problem' in address)) return address;
  const source = option === undefined ? 'FANOUT_DATABASE' : '--database';
  throw new CommandFailure(exitCodes.usage, `${source} cannot be used. ${address.problem}`);
}
