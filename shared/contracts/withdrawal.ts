import { z } from 'zod';
import { hexToBytes, utf8Bytes } from '../base/hashing.ts';
import type { PackageKey } from '../base/ids.ts';
import { packageKeySchema } from './primitives.ts';

/** "This package version is neither fetched nor served any more", said by the Notification Server to all agents for good. */
export const signedWithdrawalSchema = z.object({
  key: packageKeySchema,
  /** Ed25519, by the key that signs snapshots, over `withdrawalStatement(key)`: 64 bytes in hexadecimal digits. */
  signature: z.string().regex(/^[0-9a-f]{128}$/, 'not an Ed25519 signature in hexadecimal digits'),
});
export type SignedWithdrawal = z.infer<typeof signedWithdrawalSchema>;

const withdrawalSignatureContext = 'fanout-withdrawal-v1\0';

/** What is signed: the context, then the 20 bytes of the key. */
export function withdrawalStatement(key: PackageKey): Uint8Array {
  const context = utf8Bytes(withdrawalSignatureContext);
  const statement = new Uint8Array(context.length + key.length / 2);
  statement.set(context);
  statement.set(hexToBytes(key), context.length);
  return statement;
}
