import { createHash } from 'node:crypto';
import type { DatabaseWriter } from '../../electron/database/database-writer.ts';
import { saveEnrolment } from '../../electron/database/stores/agent-store.ts';
import { storeEvents } from '../../electron/database/stores/event-store.ts';
import { insertCertificate } from '../../electron/database/stores/revocation-store.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId, PackageGuid } from '../../shared/base/ids.ts';

const perTransaction = 500;
const perSubnet = 190;
const key = packageKeyOf('00000000-0000-4000-8000-000000000001' as PackageGuid, '1.0');

/** Writes agents as enrolment and their first events would, with one interface and one package each. */
export async function registerAgents(writer: DatabaseWriter, count: number): Promise<void> {
  for (let first = 0; first < count; first += perTransaction) {
    await writer.transact(async (transaction) => {
      for (let index = first; index < Math.min(count, first + perTransaction); index++) {
        const publicKeySha256 = createHash('sha256').update(`agent ${index}`).digest('hex');
        const agentId = publicKeySha256.slice(0, 32) as AgentId;
        const subnet = `10.${Math.floor(index / perSubnet / 256)}.${Math.floor(index / perSubnet) % 256}`;
        const address = `${subnet}.${1 + (index % perSubnet)}`;
        await saveEnrolment(transaction, {
          agentId,
          name: `computer-${index}`,
          publicKeySha256,
          certificateSerial: publicKeySha256.slice(32),
          installationEpoch: 1,
          enrolledAtMs: 1,
          revokedAtMs: null,
          address,
          lastSeenMs: 1,
          productVersion: '0.1.0',
          platform: 'win32 10.0.22631 x64',
          cpuCores: 8,
          interfaces: [{ name: 'Ethernet', address, subnet: `${subnet}.0/24`, port: 27_801 }],
          bootId: index,
        });
        const serial = publicKeySha256.slice(32);
        await insertCertificate(transaction, { serial, agentId, notBeforeMs: 0, notAfterMs: Date.now() + 86_400_000 });
        const state = { kind: 'package-state', sequence: 1, atMs: 1, key, state: 'ready' } as const;
        await storeEvents(transaction, agentId, 1, [{ ...state, blocks: 35, blockCount: 35, detail: '' }], () => null);
      }
    });
  }
}
