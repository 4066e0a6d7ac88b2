import { utf8Bytes } from '../../base/hashing.ts';
import { isAgentId, isServerId } from '../../base/ids.ts';
import type { DatagramEnvelope } from './envelope.ts';

/**
 * The frame of the announcements: an HTTP-style NOTIFY as in SSDP (UPnP Device Architecture 1.1, section 1.2), so that a
 * network capture can be read. ASCII only; `MAC` is the last header, what is signed is everything before it.
 */
const startLine = 'NOTIFY * HTTP/1.1';
const notificationType = 'urn:fanout:agent:1';
const usnPrefix = 'uuid:';
export const maxHeaders = 24;

/** In the order in which they are written. */
export type NotifyHeaders = ReadonlyMap<string, string>;

export function writeNotify(nts: 'alive' | 'byebye', envelope: DatagramEnvelope, own: NotifyHeaders): Uint8Array {
  const lines = [
    startLine,
    'HOST: subnet.fanout',
    `NT: ${notificationType}`,
    `NTS: ${nts}`,
    `USN: ${usnPrefix}${envelope.agentId}`,
    `NS: ${envelope.serverId}`,
    ...[...own].map(([name, value]) => `${name}: ${value}`),
    `KEY: ${envelope.groupKeyId}`,
    `BOOT: ${envelope.bootId}`,
    `SEQ: ${envelope.sequence}`,
    `DATE: ${envelope.dateMs}`,
  ];
  return utf8Bytes(`${lines.join('\r\n')}\r\n`);
}

/** Start line and headers of the signed part, names in upper case, or null. */
export function readNotifyHeaders(signedPart: Uint8Array): NotifyHeaders | null {
  const text = asciiText(signedPart);
  if (text === null || !text.endsWith('\r\n')) return null;
  const [first, ...lines] = text.slice(0, -2).split('\r\n');
  if (first !== startLine || lines.length > maxHeaders) return null;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) return null;
    const name = line.slice(0, colon).toUpperCase();
    // A header that stands twice would mean two things to two readers.
    if (headers.has(name)) return null;
    headers.set(name, line.slice(colon + 1).trim());
  }
  return headers.get('NT') === notificationType ? headers : null;
}

export function readNotifyEnvelope(headers: NotifyHeaders): DatagramEnvelope | null {
  const usn = headers.get('USN') ?? '';
  const agentId = usn.startsWith(usnPrefix) ? usn.slice(usnPrefix.length) : '';
  const serverId = headers.get('NS') ?? '';
  const groupKeyId = readInteger(headers.get('KEY'), 0xffffffff);
  const bootId = readInteger(headers.get('BOOT'), 2 ** 48 - 1);
  const sequence = readInteger(headers.get('SEQ'), 0xffffffff);
  const dateMs = readInteger(headers.get('DATE'), 2 ** 48 - 1);
  if (!isAgentId(agentId) || !isServerId(serverId) || groupKeyId === null) return null;
  if (bootId === null || sequence === null || dateMs === null) return null;
  return { groupKeyId, serverId, agentId, bootId, sequence, dateMs };
}

/** Decimal without sign or leading zeros, 0 … `maximum`. */
export function readInteger(text: string | undefined, maximum: number): number | null {
  if (text === undefined || !/^(0|[1-9]\d{0,15})$/.test(text)) return null;
  const value = Number(text);
  return value <= maximum ? value : null;
}

export function asciiText(bytes: Uint8Array): string | null {
  let text = '';
  for (const byte of bytes) {
    if (byte > 126) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}
