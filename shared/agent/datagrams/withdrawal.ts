import { bytesToHex, hexToBytes } from '../../base/hashing.ts';
import type { DatagramMessage } from '../datagram-message.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readPackageKey } from './envelope.ts';

type Withdrawal = Extract<DatagramMessage, { kind: 'withdrawal' }>;

/** Of an Ed25519 signature. */
const signatureBytes = 64;

export function writeWithdrawal(writer: ByteWriter, message: Withdrawal): void {
  writer.bytes(hexToBytes(message.key));
  writer.bytes(hexToBytes(message.signature));
}

/** Whether the signature holds is the adapter's to check, as the MAC is. */
export function readWithdrawal(reader: ByteReader): Withdrawal | null {
  const key = readPackageKey(reader);
  const signature = reader.bytes(signatureBytes);
  return key === null || signature === null ? null : { kind: 'withdrawal', key, signature: bytesToHex(signature) };
}
