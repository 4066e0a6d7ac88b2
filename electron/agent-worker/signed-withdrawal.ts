import type { KeyObject } from 'node:crypto';
import { verify } from 'node:crypto';
import type { SignedWithdrawal } from '../../shared/contracts/withdrawal.ts';
import { withdrawalStatement } from '../../shared/contracts/withdrawal.ts';

/** Whether the server whose snapshot key was pinned at enrolment has said so, whoever passed it on. */
export function isWithdrawalSigned({ key, signature }: SignedWithdrawal, snapshotKey: KeyObject): boolean {
  return verify(null, withdrawalStatement(key), snapshotKey, Buffer.from(signature, 'hex'));
}
