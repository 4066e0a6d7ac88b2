import { hexToBytes } from '../../base/hashing.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import { maxToldPeers } from '../datagram-message.ts';
import type { PeerEndpoint } from '../ports.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readAgentId } from './envelope.ts';

type Peers = Extract<DatagramMessage, { kind: 'peers' }>;

export function writePeers(writer: ByteWriter, message: Peers): void {
  writer.uint(message.peers.length, 1);
  for (const { agentId, address, port } of message.peers) {
    writer.bytes(hexToBytes(agentId));
    writer.uint(address, 4);
    writer.uint(port, 2);
  }
}

export function readPeers(reader: ByteReader): Peers | null {
  const count = reader.uint(1);
  if (count === null || count === 0 || count > maxToldPeers) return null;
  const peers: PeerEndpoint[] = [];
  for (let index = 0; index < count; index++) {
    const agentId = readAgentId(reader);
    const address = reader.uint(4);
    const port = reader.uint(2);
    if (agentId === null || address === null || port === null || port === 0) return null;
    peers.push({ agentId, address, port });
  }
  return { kind: 'peers', peers };
}
