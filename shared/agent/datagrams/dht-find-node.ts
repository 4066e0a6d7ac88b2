import { bytesToHex, hexToBytes } from '../../base/hashing.ts';
import type { DhtMessage } from '../../dht/messages.ts';
import { replication } from '../../dht/messages.ts';
import type { NodeId } from '../../dht/node-id.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readContact, readList, writeContact } from './dht-contact.ts';

type FindNode = Extract<DhtMessage, { kind: 'find-node' }>;
type Nodes = Extract<DhtMessage, { kind: 'nodes' }>;

export function writeFindNode(writer: ByteWriter, message: FindNode): void {
  writer.uint(message.requestId, 4);
  writer.bytes(hexToBytes(message.target));
}

export function readFindNode(reader: ByteReader): FindNode | null {
  const requestId = reader.uint(4);
  const target = reader.bytes(20);
  if (requestId === null || target === null) return null;
  return { kind: 'find-node', requestId, target: bytesToHex(target) as NodeId };
}

export function writeNodes(writer: ByteWriter, message: Nodes): void {
  writer.uint(message.requestId, 4);
  writer.uint(message.contacts.length, 1);
  for (const contact of message.contacts) writeContact(writer, contact);
}

export function readNodes(reader: ByteReader): Nodes | null {
  const requestId = reader.uint(4);
  const contacts = readList(reader, replication, readContact);
  return requestId === null || contacts === null ? null : { kind: 'nodes', requestId, contacts };
}
