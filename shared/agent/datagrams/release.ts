import { hexToBytes } from '../../base/hashing.ts';
import type { AgentId } from '../../base/ids.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readAgentId, readPackageKey } from './envelope.ts';

type Release = Extract<DatagramMessage, { kind: 'release' }>;

export function writeRelease(writer: ByteWriter, message: Release): void {
  writer.bytes(hexToBytes(message.key));
  writer.uint(message.epoch, 4);
  writer.uint(message.retryAfterMs, 4);
  writer.uint(message.failures, 2);
  writer.uint(message.successor === null ? 0 : 1, 1);
  if (message.successor !== null) writer.bytes(hexToBytes(message.successor));
}

export function readRelease(reader: ByteReader): Release | null {
  const key = readPackageKey(reader);
  const epoch = reader.uint(4);
  const retryAfterMs = reader.uint(4);
  const failures = reader.uint(2);
  const hasSuccessor = reader.uint(1);
  if (key === null || epoch === null || retryAfterMs === null || failures === null) return null;
  if (hasSuccessor !== 0 && hasSuccessor !== 1) return null;
  let successor: AgentId | null = null;
  if (hasSuccessor === 1) {
    successor = readAgentId(reader);
    if (successor === null) return null;
  }
  return { kind: 'release', key, epoch, retryAfterMs, failures, successor };
}
