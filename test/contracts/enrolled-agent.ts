import type { StoredAgent } from '../../electron/database/stores/agent-store.ts';
import type { AgentId } from '../../shared/base/ids.ts';

/** As the stores have it before its first word. */
export const enrolledAgent: StoredAgent = {
  agentId: 'a'.repeat(32) as AgentId,
  name: 'pc-1',
  publicKeySha256: 'k',
  certificateSerial: '41',
  installationEpoch: 1,
  enrolledAtMs: 10,
  revokedAtMs: null,
  address: '',
  lastSeenMs: 10,
  productVersion: '',
  platform: '',
  cpuCores: null,
  interfaces: [],
  bootId: 0,
};
