import { bytesToHex, hexToBytes } from '../../base/hashing.ts';
import type { AgentId, PackageKey, ServerId } from '../../base/ids.ts';
import { maxDatagramBytes } from '../datagram-message.ts';
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** What every datagram carries beside its message. */
export interface DatagramEnvelope {
  /** u32: which group key the MAC was made with. */
  readonly groupKeyId: number;
  readonly serverId: ServerId;
  readonly agentId: AgentId;
  /** At most 48 bits, random per start of the agent. */
  readonly bootId: number;
  /** u32, rises by one per datagram of a boot. */
  readonly sequence: number;
  /** Milliseconds since 1970 by the clock of the Notification Server. */
  readonly dateMs: number;
}

export const macLengthBytes = 32;

/** `FN`, then the version of this form. Text begins with `NO`: the first two bytes tell them apart. */
const magic = 0x464e;
const formVersion = 1;

export const binaryTypes = { want: 1, claim: 2, release: 3, blocks: 4, peers: 16, withdrawal: 17 } as const;

/** A writer with the envelope in it and room for the message, the MAC left out. */
export function writeEnvelope(type: number, envelope: DatagramEnvelope): ByteWriter {
  const writer = new ByteWriter(maxDatagramBytes - macLengthBytes);
  writer.uint(magic, 2);
  writer.uint(formVersion, 1);
  writer.uint(type, 1);
  writer.uint(envelope.groupKeyId, 4);
  writer.bytes(hexToBytes(envelope.serverId));
  writer.bytes(hexToBytes(envelope.agentId));
  writer.uint(envelope.bootId, 6);
  writer.uint(envelope.sequence, 4);
  writer.uint(envelope.dateMs, 6);
  return writer;
}

export function readEnvelope(
  reader: ByteReader,
): { readonly type: number; readonly envelope: DatagramEnvelope } | null {
  if (reader.uint(2) !== magic || reader.uint(1) !== formVersion) return null;
  const type = reader.uint(1);
  const groupKeyId = reader.uint(4);
  const serverId = reader.bytes(16);
  const agentId = readAgentId(reader);
  const bootId = reader.uint(6);
  const sequence = reader.uint(4);
  const dateMs = reader.uint(6);
  if (type === null || groupKeyId === null || serverId === null || agentId === null) return null;
  if (bootId === null || sequence === null || dateMs === null) return null;
  return {
    type,
    envelope: { groupKeyId, serverId: bytesToHex(serverId) as ServerId, agentId, bootId, sequence, dateMs },
  };
}

export function readAgentId(reader: ByteReader): AgentId | null {
  const bytes = reader.bytes(16);
  return bytes === null ? null : (bytesToHex(bytes) as AgentId);
}

export function readPackageKey(reader: ByteReader): PackageKey | null {
  const bytes = reader.bytes(20);
  return bytes === null ? null : (bytesToHex(bytes) as PackageKey);
}
