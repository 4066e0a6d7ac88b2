import { assert } from '../../base/assert.ts';
import { hexToBytes } from '../../base/hashing.ts';
import type { AgentId } from '../../base/ids.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import { maxLanes } from '../datagram-message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readAgentId, readPackageKey } from './envelope.ts';

type Claim = Extract<DatagramMessage, { kind: 'claim' }>;

export function writeClaim(writer: ByteWriter, message: Claim): void {
  assert(message.lanes.length >= 1 && message.lanes.length <= maxLanes, `${message.lanes.length} lanes`);
  writer.bytes(hexToBytes(message.key));
  writer.uint(message.epoch, 4);
  writer.uint(message.rateCapBytesPerSecond, 6);
  writer.uint(message.progressBytes, 6);
  writer.uint(message.failures, 2);
  writer.uint(message.lanes.length, 1);
  for (const lane of message.lanes) writer.bytes(hexToBytes(lane));
}

export function readClaim(reader: ByteReader): Claim | null {
  const key = readPackageKey(reader);
  const epoch = reader.uint(4);
  const rateCapBytesPerSecond = reader.uint(6);
  const progressBytes = reader.uint(6);
  const failures = reader.uint(2);
  const laneCount = reader.uint(1);
  if (key === null || epoch === null || rateCapBytesPerSecond === null || progressBytes === null) return null;
  if (failures === null || laneCount === null || laneCount < 1 || laneCount > maxLanes) return null;
  const lanes: AgentId[] = [];
  for (let index = 0; index < laneCount; index++) {
    const lane = readAgentId(reader);
    if (lane === null) return null;
    lanes.push(lane);
  }
  return { kind: 'claim', key, epoch, lanes, rateCapBytesPerSecond, progressBytes, failures };
}
