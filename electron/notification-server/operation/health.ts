import { X509Certificate } from 'node:crypto';
import { statfs } from 'node:fs/promises';
import type { Health } from '../../../shared/contracts/operation-api.ts';
import type { DatabaseAccess } from '../../database/database-access.ts';

/** Below this the database and imports are about to fail. */
const lowDiskBytes = 512 * 1024 * 1024;
/** It renews itself at half of its time; this few days left mean that it does not. */
const lowCertificateDays = 3;
const dayMs = 24 * 60 * 60 * 1000;

export interface HealthParts {
  readonly access: Pick<DatabaseAccess, 'kind' | 'problem'>;
  readonly dataFolder: string;
  readonly certificatePem: () => string;
  readonly isListening: () => boolean;
  readonly productVersion: string;
  readonly now: () => number;
  readonly diskFreeBytes?: () => Promise<number | null>;
}

export async function readHealth(parts: HealthParts): Promise<Health> {
  const reasons: string[] = [];
  const problem = parts.access.problem();
  // What the driver says may name hosts; who asks here need not be signed in.
  if (problem !== null) reasons.push('The database does not answer.');
  const diskFreeBytes = await (parts.diskFreeBytes ?? (() => freeBytesOf(parts.dataFolder)))();
  if (diskFreeBytes !== null && diskFreeBytes < lowDiskBytes) {
    reasons.push(`The disk of the data folder has only ${Math.floor(diskFreeBytes / 1024 / 1024)} MiB free.`);
  }
  const agentsListening = parts.isListening();
  if (!agentsListening) reasons.push('Agents cannot connect.');
  const endsMs = Date.parse(new X509Certificate(parts.certificatePem()).validTo);
  const certificateDaysLeft = Math.floor((endsMs - parts.now()) / dayMs);
  if (certificateDaysLeft < lowCertificateDays) {
    reasons.push(`The server's certificate ends in ${certificateDaysLeft} days and was not renewed.`);
  }
  return {
    status: reasons.length === 0 ? 'ok' : 'degraded',
    reasons,
    database: { kind: parts.access.kind, answers: problem === null },
    diskFreeBytes,
    agentsListening,
    certificateDaysLeft,
    productVersion: parts.productVersion,
  };
}

async function freeBytesOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null; // a file system that does not tell, as some network drives
  }
}
