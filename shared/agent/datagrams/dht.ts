import { assertNever } from '../../base/assert.ts';
import type { DhtMessage } from '../../dht/messages.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readFindHolders, readHolders, writeFindHolders, writeHolders } from './dht-find-holders.ts';
import { readFindNode, readNodes, writeFindNode, writeNodes } from './dht-find-node.ts';
import { readStore, readStored, writeStore, writeStored } from './dht-store.ts';

/** Types of the DHT's datagrams in the envelope; those below 32 are the claim's and discovery's. */
export const dhtTypes: { readonly [Kind in DhtMessage['kind']]: number } = {
  ping: 32,
  pong: 33,
  'find-node': 34,
  nodes: 35,
  'find-holders': 36,
  holders: 37,
  store: 38,
  stored: 39,
};

export function writeDht(writer: ByteWriter, message: DhtMessage): void {
  switch (message.kind) {
    case 'ping':
    case 'pong':
      writer.uint(message.requestId, 4);
      return;
    case 'find-node':
      writeFindNode(writer, message);
      return;
    case 'nodes':
      writeNodes(writer, message);
      return;
    case 'find-holders':
      writeFindHolders(writer, message);
      return;
    case 'holders':
      writeHolders(writer, message);
      return;
    case 'store':
      writeStore(writer, message);
      return;
    case 'stored':
      writeStored(writer, message);
      return;
    default:
      assertNever(message);
  }
}

/** Null where the type is none of the DHT's, or the bytes say something else. */
export function readDht(type: number, reader: ByteReader): DhtMessage | null {
  switch (type) {
    case dhtTypes.ping:
      return readPing('ping', reader);
    case dhtTypes.pong:
      return readPing('pong', reader);
    case dhtTypes['find-node']:
      return readFindNode(reader);
    case dhtTypes.nodes:
      return readNodes(reader);
    case dhtTypes['find-holders']:
      return readFindHolders(reader);
    case dhtTypes.holders:
      return readHolders(reader);
    case dhtTypes.store:
      return readStore(reader);
    case dhtTypes.stored:
      return readStored(reader);
    default:
      return null;
  }
}

function readPing(kind: 'ping' | 'pong', reader: ByteReader): DhtMessage | null {
  const requestId = reader.uint(4);
  return requestId === null ? null : { kind, requestId };
}
