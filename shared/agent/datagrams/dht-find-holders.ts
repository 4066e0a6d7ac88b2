import { hexToBytes } from '../../base/hashing.ts';
import type { DhtMessage, HolderValue } from '../../dht/messages.ts';
import { maxHoldersPerAnswer, replication } from '../../dht/messages.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { codeOfState, readContact, readList, stateOfCode, writeContact } from './dht-contact.ts';
import { readPackageKey } from './envelope.ts';

type FindHolders = Extract<DhtMessage, { kind: 'find-holders' }>;
type Holders = Extract<DhtMessage, { kind: 'holders' }>;

/** Added to the code of the state where the holder was announced in the last interval. */
const freshFlag = 2;

export function writeFindHolders(writer: ByteWriter, message: FindHolders): void {
  writer.uint(message.requestId, 4);
  writer.bytes(hexToBytes(message.key));
  writer.uint(message.wantsToken ? 1 : 0, 1);
}

export function readFindHolders(reader: ByteReader): FindHolders | null {
  const requestId = reader.uint(4);
  const key = readPackageKey(reader);
  const wantsToken = reader.uint(1);
  if (requestId === null || key === null || (wantsToken !== 0 && wantsToken !== 1)) return null;
  return { kind: 'find-holders', requestId, key, wantsToken: wantsToken === 1 };
}

export function writeHolders(writer: ByteWriter, message: Holders): void {
  writer.uint(message.requestId, 4);
  writer.uint(message.token, 6);
  writer.uint(message.contacts.length, 1);
  for (const contact of message.contacts) writeContact(writer, contact);
  writer.uint(message.holders.length, 1);
  for (const holder of message.holders) writeHolder(writer, holder);
}

export function readHolders(reader: ByteReader): Holders | null {
  const requestId = reader.uint(4);
  const token = reader.uint(6);
  const contacts = readList(reader, replication, readContact);
  if (requestId === null || token === null || contacts === null) return null;
  const holders = readList(reader, maxHoldersPerAnswer, readHolder);
  return holders === null ? null : { kind: 'holders', requestId, token, contacts, holders };
}

function writeHolder(writer: ByteWriter, holder: HolderValue): void {
  writeContact(writer, holder);
  writer.uint(codeOfState(holder.state) + (holder.isFresh ? freshFlag : 0), 1);
  writer.uint(holder.blocks, 4);
}

function readHolder(reader: ByteReader): HolderValue | null {
  const contact = readContact(reader);
  const code = reader.uint(1);
  const blocks = reader.uint(4);
  if (contact === null || code === null || blocks === null) return null;
  const isFresh = code >= freshFlag;
  const state = stateOfCode(isFresh ? code - freshFlag : code);
  return state === null ? null : { ...contact, state, blocks, isFresh };
}
