import { hexToBytes } from '../../base/hashing.ts';
import type { Contact } from '../../dht/contact.ts';
import type { HolderState } from '../../dht/messages.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readAgentId } from './envelope.ts';

const statesByCode = ['downloading', 'ready'] as const;

/** 22 bytes: agent id, address, port. */
export function writeContact(writer: ByteWriter, { agentId, address, port }: Contact): void {
  writer.bytes(hexToBytes(agentId));
  writer.uint(address, 4);
  writer.uint(port, 2);
}

export function readContact(reader: ByteReader): Contact | null {
  const agentId = readAgentId(reader);
  const address = reader.uint(4);
  const port = reader.uint(2);
  return agentId === null || address === null || port === null || port === 0 ? null : { agentId, address, port };
}

export function codeOfState(state: HolderState): number {
  return statesByCode.indexOf(state);
}

export function stateOfCode(code: number): HolderState | null {
  return statesByCode[code] ?? null;
}

/** A number of items in one byte and the items, or null where there are more than `maximum` or one is malformed. */
export function readList<Item>(
  reader: ByteReader,
  maximum: number,
  readItem: (reader: ByteReader) => Item | null,
): Item[] | null {
  const count = reader.uint(1);
  if (count === null || count > maximum) return null;
  const items: Item[] = [];
  for (let number = 0; number < count; number++) {
    const item = readItem(reader);
    if (item === null) return null;
    items.push(item);
  }
  return items;
}
