import { describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import { saveEnrolment } from '../../electron/database/stores/agent-store.ts';
import {
  deliveryAgents,
  insertDelivery,
  loadDeliveries,
  loadDeliveryStates,
  loadPenetration,
  moveStandings,
  readDeliveryState,
  readStanding,
  saveDeliveryState,
  savePenetration,
  saveStanding,
  updateDelivery,
} from '../../electron/database/stores/delivery-store.ts';
import { insertPackage } from '../../electron/database/stores/package-store.ts';
import { deliverySpecSchema } from '../../shared/contracts/deliveries-api.ts';
import { newDelivery } from '../../shared/server/deliveries/delivery-progress.ts';
import { eachTestOpens } from './each-test-opens.ts';
import { enrolledAgent as agent } from './enrolled-agent.ts';
import { storedPackage } from './stored-package.ts';

const { agentId } = agent;
const { key } = storedPackage;

/** What every database does with the course of deliveries. */
export function deliveryStoresContract(name: string, open: () => Promise<DatabaseAccess>): void {
  describe(`delivery stores over ${name}`, () => {
    let database: Database;
    eachTestOpens(open, async (opened) => {
      database = opened.database;
      await saveEnrolment(database, agent);
    });

    test('deliveries keep their stages, where each agent stands, and the curve', async () => {
      await insertPackage(database, storedPackage);
      const spec = deliverySpecSchema.parse({
        laterStages: [{ target: { kind: 'all' }, start: { kind: 'by-hand' } }],
        installation: { schedule: { kind: 'at', localTime: '2027-01-31T02:30' } },
      });
      const delivery = {
        id: 'd',
        key,
        target: { kind: 'all' },
        priority: 'normal',
        createdAtMs: 1,
        createdBy: 'x',
        spec,
      } as const;
      await insertDelivery(database, delivery);
      const changed = { ...delivery, priority: 'emergency', spec: { ...spec, deadlineMs: 9 } } as const;
      await updateDelivery(database, changed);
      expect(await loadDeliveries(database)).toEqual([changed]);

      expect(await readDeliveryState(database, 'd')).toBeNull();
      const state = newDelivery({
        availableFromMs: null,
        createdAtMs: 1,
        hasInstallation: true,
        laterStages: [{ kind: 'by-hand' }],
      });
      for (const round of [0, 1]) await saveDeliveryState(database, 'd', { ...state, round });
      expect(await readDeliveryState(database, 'd')).toEqual({ ...state, round: 1 });
      expect(await loadDeliveryStates(database)).toEqual(new Map([['d', { ...state, round: 1 }]]));

      expect(await readStanding(database, 'd', agentId)).toBeNull();
      const failed = { stage: 1, state: 'failed', failure: 'exit-code', exitCode: 3, detail: 'no', atMs: 5 } as const;
      await saveStanding(database, 'd', agentId, { ...failed, failure: null, state: 'installing' });
      await saveStanding(database, 'd', agentId, failed);
      expect(await readStanding(database, 'd', agentId)).toEqual({ stage: 1, state: 'failed', failure: 'exit-code' });
      expect(await deliveryAgents(database, 'd', 'failed', 9)).toEqual([{ agentId, ...failed }]);
      await moveStandings(database, 'd', ['installing'], 'cancelled');
      expect(await deliveryAgents(database, 'd', 'cancelled', 9)).toEqual([]);
      await moveStandings(database, 'd', ['installing', 'failed'], 'offered');
      expect(await readStanding(database, 'd', agentId)).toEqual({ stage: 1, state: 'offered', failure: null });

      const point = {
        agents: 2,
        ready: 1,
        installed: 1,
        failed: 1,
        failures: [{ reason: 'timeout', agents: 1 }],
      } as const;
      for (const atMs of [60_000, 0, 60_000]) {
        await savePenetration(database, 'd', { ...point, atMs, failures: [...point.failures] });
      }
      expect(await loadPenetration(database, 'd')).toEqual([0, 60_000].map((atMs) => ({ ...point, atMs })));
    });
  });
}
