import { assert } from '../../base/assert.ts';
import { hexToBytes } from '../../base/hashing.ts';
import type { DhtMessage, PackageEntry } from '../../dht/messages.ts';
import { maxEntriesPerStore } from '../../dht/messages.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { codeOfState, readList, stateOfCode } from './dht-contact.ts';
import { readPackageKey } from './envelope.ts';

type Store = Extract<DhtMessage, { kind: 'store' }>;
type Stored = Extract<DhtMessage, { kind: 'stored' }>;

export function writeStore(writer: ByteWriter, message: Store): void {
  assert(message.entries.length <= maxEntriesPerStore, `${message.entries.length} entries`);
  writer.uint(message.requestId, 4);
  writer.uint(message.token, 6);
  writer.uint(message.lifetimeMs, 4);
  writer.uint(message.entries.length, 1);
  for (const { key, state, blocks } of message.entries) {
    writer.bytes(hexToBytes(key));
    writer.uint(codeOfState(state), 1);
    writer.uint(blocks, 4);
  }
}

export function readStore(reader: ByteReader): Store | null {
  const requestId = reader.uint(4);
  const token = reader.uint(6);
  const lifetimeMs = reader.uint(4);
  const entries = readList(reader, maxEntriesPerStore, readEntry);
  if (requestId === null || token === null || lifetimeMs === null || entries === null) return null;
  return { kind: 'store', requestId, token, lifetimeMs, entries };
}

export function writeStored(writer: ByteWriter, message: Stored): void {
  writer.uint(message.requestId, 4);
  writer.uint(message.token, 6);
  writer.uint(message.isAccepted ? 1 : 0, 1);
  writer.uint(message.enough.length, 1);
  for (const place of message.enough) writer.uint(place, 1);
}

export function readStored(reader: ByteReader): Stored | null {
  const requestId = reader.uint(4);
  const token = reader.uint(6);
  const isAccepted = reader.uint(1);
  const enough = readList(reader, maxEntriesPerStore, readPlace);
  if (requestId === null || token === null || enough === null || (isAccepted !== 0 && isAccepted !== 1)) return null;
  return { kind: 'stored', requestId, token, isAccepted: isAccepted === 1, enough };
}

function readEntry(reader: ByteReader): PackageEntry | null {
  const key = readPackageKey(reader);
  const code = reader.uint(1);
  const blocks = reader.uint(4);
  if (key === null || code === null || blocks === null) return null;
  const state = stateOfCode(code);
  return state === null ? null : { key, state, blocks };
}

function readPlace(reader: ByteReader): number | null {
  const place = reader.uint(1);
  return place === null || place >= maxEntriesPerStore ? null : place;
}
