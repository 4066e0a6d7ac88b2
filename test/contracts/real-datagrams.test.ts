import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { DatagramAdapter } from '../../electron/agent-worker/datagram-adapter.ts';
import { GroupKeys } from '../../electron/agent-worker/group-keys.ts';
import { ImpairmentSwitch } from '../../electron/agent-worker/impairment-switch.ts';
import type { AgentId, ServerId } from '../../shared/base/ids.ts';
import { cidrContains, cidrOf, parseIpv4 } from '../../shared/base/ipv4.ts';
import { freshLoopbackAddress, randomId } from '../support/agent-fixtures.ts';
import { CollectedInputs } from './collected-inputs.ts';
import type { DatagramParty } from './datagrams.contract.ts';
import { describeDatagramPort } from './datagrams.contract.ts';
import { realTime } from './real-harness.ts';

const snapshotKeys = generateKeyPairSync('ed25519');
const hearingPort = 20_000 + (process.pid % 10_000);

describeDatagramPort('real sockets on loopback', async () => {
  const serverId = randomId() as ServerId;
  const groupKeys = new GroupKeys();
  groupKeys.replace([{ id: 1, key: randomBytes(32).toString('base64'), activateAtMs: 0, acceptUntilMs: null }]);
  const adapters: DatagramAdapter[] = [];
  const parties: DatagramParty[][] = [];
  for (const [subnetIndex, count] of [3, 2].entries()) {
    const subnetParties: DatagramParty[] = [];
    for (let index = 0; index < count; index++) {
      const address = parseIpv4(freshLoopbackAddress(subnetIndex)) ?? 0;
      const inputs = new CollectedInputs();
      const agentId = randomId() as AgentId;
      const bootId = 1000 + index;
      const port = 4000 + index;
      const adapter = new DatagramAdapter({
        impairments: new ImpairmentSwitch(),
        agentId,
        serverId,
        bootId,
        groupKeys,
        isAllowedAddress: (from) => cidrContains(cidrOf(address, 24), from),
        serverTimeMs: () => Date.now(),
        push: (input) => {
          // Own echoes are counted where sockets hear themselves; the suite is about what reaches others.
          if (input.kind !== 'datagramsDropped' || input.reason !== 'own-echo') inputs.push(input);
        },
        isOverloaded: () => false,
        onOutdated: () => undefined,
        isRevokedAgent: () => false,
        snapshotKey: snapshotKeys.publicKey,
      });
      await adapter.hearAt(hearingPort);
      await adapter.openAt({ name: 'lo', address, subnet: cidrOf(address, 24), port });
      adapters.push(adapter);
      subnetParties.push({ agentId, bootId, address, port, datagrams: adapter, inputs });
    }
    parties.push(subnetParties);
  }
  return {
    parties,
    ...realTime(async () => {
      for (const adapter of adapters) await adapter.close();
    }),
  };
});
