import { hexToBytes } from '../../base/hashing.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import { readBlockRanges, writeBlockRanges } from './block-ranges.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readPackageKey } from './envelope.ts';

type Blocks = Extract<DatagramMessage, { kind: 'blocks' }>;

/** Of a set that does not fit, a prefix is written. */
export function writeBlocks(writer: ByteWriter, message: Blocks): void {
  writer.bytes(hexToBytes(message.key));
  writer.uint(message.mapVersion, 6);
  writer.uint(message.blockCount, 4);
  writer.uint(message.isFetching ? 1 : 0, 1);
  writeBlockRanges(writer, message.ranges);
}

export function readBlocks(reader: ByteReader): Blocks | null {
  const key = readPackageKey(reader);
  const mapVersion = reader.uint(6);
  const blockCount = reader.uint(4);
  const fetching = reader.uint(1);
  if (key === null || mapVersion === null || blockCount === null) return null;
  if (fetching !== 0 && fetching !== 1) return null;
  const ranges = readBlockRanges(reader, blockCount);
  return ranges === null ? null : { kind: 'blocks', key, mapVersion, blockCount, isFetching: fetching === 1, ranges };
}
