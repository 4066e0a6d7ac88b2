import { assert } from '../../base/assert.ts';
import { isPackageKey } from '../../base/ids.ts';
import { formatIpv4, parseIpv4 } from '../../base/ipv4.ts';
import type { AnnouncedPackage, DatagramMessage } from '../datagram-message.ts';
import { maxAnnouncedPackages } from '../datagram-message.ts';
import type { NotifyHeaders } from './notify-text.ts';
import { readInteger } from './notify-text.ts';

type Alive = Extract<DatagramMessage, { kind: 'alive' }>;

/** Keeps the whole announcement below 1,200 bytes with eight packages. */
const maxEncodedNameLength = 192;
const stateLetters = { downloading: 'd', ready: 'r' } as const;

export function aliveHeaders(message: Alive): NotifyHeaders {
  assert(message.packages.length <= maxAnnouncedPackages, `${message.packages.length} announced packages`);
  const headers = new Map([
    ['LOCATION', `https://${formatIpv4(message.address)}:${message.port}/`],
    ['NAME', encodeName(message.name)],
  ]);
  if (message.packages.length > 0) {
    const packages = message.packages.map(({ key, state, blocks }) => `${key};${stateLetters[state]};${blocks}`);
    headers.set('PACKAGES', packages.join(','));
  }
  return headers;
}

export function readAlive(headers: NotifyHeaders): Alive | null {
  const location = /^https:\/\/([0-9.]{7,15}):(\d{1,5})\/$/.exec(headers.get('LOCATION') ?? '');
  const address = parseIpv4(location?.[1] ?? '');
  const port = readInteger(location?.[2], 65535);
  const name = decodeName(headers.get('NAME') ?? '');
  const packages = readPackages(headers.get('PACKAGES'));
  if (address === null || port === null || port === 0 || name === null || packages === null) return null;
  return { kind: 'alive', name, address, port, packages };
}

/** Percent-encoded, cut where it gets too long; a half of a surrogate pair, which has no UTF-8 form, becomes `?`. */
function encodeName(name: string): string {
  let encoded = '';
  for (const character of name.replace(/\p{Surrogate}/gu, '?')) {
    const next = encoded + encodeURIComponent(character);
    if (next.length > maxEncodedNameLength) break;
    encoded = next;
  }
  return encoded;
}

/** What a percent-encoded text consists of: anything else would be longer when it is written again. */
const percentEncoded = /^[A-Za-z0-9\-_.!~*'()%]*$/;

function decodeName(encoded: string): string | null {
  if (encoded.length > maxEncodedNameLength || !percentEncoded.test(encoded)) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not UTF-8 behind the percent signs: the only way this function can fail.
    return null;
  }
}

function readPackages(text: string | undefined): AnnouncedPackage[] | null {
  if (text === undefined) return [];
  const packages: AnnouncedPackage[] = [];
  for (const part of text.split(',')) {
    const [key = '', letter, blocksText, ...rest] = part.split(';');
    const blocks = readInteger(blocksText, 0xffffffff);
    if (!isPackageKey(key) || blocks === null || rest.length > 0) return null;
    if (letter !== stateLetters.downloading && letter !== stateLetters.ready) return null;
    packages.push({ key, state: letter === stateLetters.ready ? 'ready' : 'downloading', blocks });
  }
  return packages.length <= maxAnnouncedPackages ? packages : null;
}
