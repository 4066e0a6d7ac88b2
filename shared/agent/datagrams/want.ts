import { hexToBytes } from '../../base/hashing.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readPackageKey } from './envelope.ts';

type Want = Extract<DatagramMessage, { kind: 'want' }>;

export function writeWant(writer: ByteWriter, message: Want): void {
  writer.bytes(hexToBytes(message.key));
}

export function readWant(reader: ByteReader): Want | null {
  const key = readPackageKey(reader);
  return key === null ? null : { kind: 'want', key };
}
