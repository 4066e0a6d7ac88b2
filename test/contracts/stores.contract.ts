import { describe, expect, test } from 'vitest';
import type { Database } from '../../electron/database/database.ts';
import type { DatabaseAccess } from '../../electron/database/database-access.ts';
import type { StoredAccount } from '../../electron/database/stores/account-store.ts';
import { deleteAccount, loadAccounts, saveAccount, saveSignIn } from '../../electron/database/stores/account-store.ts';
import { loadAgents, saveAgentFacts, saveEnrolment, saveLastSeen } from '../../electron/database/stores/agent-store.ts';
import { newestAlerts, raiseAlert } from '../../electron/database/stores/alert-store.ts';
import type { StoredApiToken } from '../../electron/database/stores/api-token-store.ts';
import {
  deleteApiToken,
  insertApiToken,
  loadApiTokens,
  saveApiTokenUse,
} from '../../electron/database/stores/api-token-store.ts';
import type { AuditFilter } from '../../electron/database/stores/audit-store.ts';
import { auditEntries, auditEntry, insertAuditEntry } from '../../electron/database/stores/audit-store.ts';
import { insertDelivery, loadDeliveries } from '../../electron/database/stores/delivery-store.ts';
import {
  loadPackageStates,
  loadTransferSums,
  storeEvents,
  transfersOfAgent,
} from '../../electron/database/stores/event-store.ts';
import type { StoredPackageServer } from '../../electron/database/stores/package-server-store.ts';
import {
  deletePackageServer,
  insertPackageServer,
  loadFetchedSums,
  loadPackageAssignments,
  loadPackageServers,
  loadServedSums,
  savePackageAssignment,
  servedBy,
  updatePackageServer,
} from '../../electron/database/stores/package-server-store.ts';
import { insertPackage, loadPackages, markWithdrawn } from '../../electron/database/stores/package-store.ts';
import { insertCertificate, loadRevocations, markRevoked } from '../../electron/database/stores/revocation-store.ts';
import {
  insertJoinToken,
  isJoinTokenValid,
  loadGroupKeys,
  saveGroupKeys,
} from '../../electron/database/stores/secret-store.ts';
import { addSentBytes, loadSentBytes } from '../../electron/database/stores/sent-bytes-store.ts';
import type { StoredSite } from '../../electron/database/stores/site-store.ts';
import { deleteSite, loadSites, loadSiteVersions, saveSites } from '../../electron/database/stores/site-store.ts';
import { WriteBatcher } from '../../electron/database/write-batcher.ts';
import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import type { AgentEvent, ServedPortion } from '../../shared/contracts/agent-events.ts';
import { plainDeliverySpec } from '../../shared/contracts/deliveries-api.ts';
import { defaultPackageServerSettings } from '../../shared/contracts/package-servers-api.ts';
import { plainSite } from '../support/plain-site.ts';
import { eachTestOpens } from './each-test-opens.ts';
import { enrolledAgent as agent } from './enrolled-agent.ts';
import { storedPackage } from './stored-package.ts';

const { agentId } = agent;
const { key } = storedPackage;

const account: StoredAccount = {
  id: 'a',
  name: 'Ada',
  nameKey: 'ada',
  role: 'administrator',
  isDisabled: false,
  password: {
    kind: 'scrypt',
    cost: 32_768,
    blockSize: 8,
    parallelization: 3,
    saltBase64: 'AAAAAAAAAAAAAAAAAAAAAA==',
    hashBase64: 'AAAAAAAAAAAAAAAAAAAAAA==',
  },
  passwordChangedAtMs: 1,
  createdAtMs: 1,
  createdBy: 'x',
  lastSignInMs: null,
};

const token: StoredApiToken = {
  id: 't',
  name: 'Nightly',
  nameKey: 'nightly',
  scope: 'read',
  secretSha256: 'h',
  accountId: 'a',
  createdAtMs: 10,
  createdBy: 'Ada',
  expiresAtMs: 30,
  lastUsedMs: null,
};

function transferred(sequence: number, bytes: number): AgentEvent {
  const portion = { source: 'peer', reason: 'peer-has-block', agentId: null, bytes, blocks: 1 } as const;
  return { kind: 'transferred', sequence, atMs: sequence, key, portions: [portion] };
}

function ready(sequence: number): AgentEvent {
  return { kind: 'package-state', sequence, atMs: sequence, key, state: 'ready', blocks: 3, blockCount: 3, detail: '' };
}

/** What every database behind the Notification Server has to do. */
export function storesContract(name: string, open: () => Promise<DatabaseAccess>): void {
  describe(`stores over ${name}`, () => {
    let access: DatabaseAccess;
    let database: Database;
    eachTestOpens(open, async (opened) => {
      access = opened;
      database = opened.database;
      await saveEnrolment(database, agent);
    });

    test('an agent that enrols again keeps what it told of itself', async () => {
      const interfaces = [{ name: 'eth0', address: '10.0.0.5', subnet: '10.0.0.0/24', port: 27801 }];
      const facts = {
        address: '10.0.0.5',
        lastSeenMs: 20,
        productVersion: '1',
        platform: 'p',
        cpuCores: 8,
        interfaces,
        bootId: 9,
      };
      await saveAgentFacts(database, agentId, facts);
      await saveEnrolment(database, { ...agent, installationEpoch: 2, certificateSerial: '42', enrolledAtMs: 30 });
      await saveLastSeen(database, [{ agentId, address: '10.0.0.6', lastSeenMs: 40 }]);
      const merged = { ...agent, ...facts, address: '10.0.0.6', lastSeenMs: 40 };
      expect(await loadAgents(database)).toEqual([
        { ...merged, installationEpoch: 2, certificateSerial: '42', enrolledAtMs: 30 },
      ]);
    });

    test('events are stored once, and only what is newer than what is stored', async () => {
      const first = await storeEvents(database, agentId, 1, [transferred(1, 100), ready(2)]);
      expect([first.acknowledgedSequence, first.fresh.length]).toEqual([2, 2]);
      const overlap = await storeEvents(database, agentId, 1, [ready(2), transferred(3, 11)]);
      expect([overlap.acknowledgedSequence, overlap.fresh.map(({ sequence }) => sequence)]).toEqual([3, [3]]);
      const again = await storeEvents(database, agentId, 1, [transferred(1, 100)]);
      expect([again.acknowledgedSequence, again.fresh]).toEqual([3, []]);
      expect(await loadTransferSums(database)).toEqual([
        { agentId, source: 'peer', reason: 'peer-has-block', bytes: 111 },
      ]);
      expect(await transfersOfAgent(database, agentId)).toEqual([
        { key, source: 'peer', reason: 'peer-has-block', bytes: 111 },
      ]);
      expect(await loadPackageStates(database)).toEqual([
        { agentId, key, state: 'ready', blocks: 3, blockCount: 3, detail: '', atMs: 2 },
      ]);
    });

    test('an installation counts its events from 1 again', async () => {
      await storeEvents(database, agentId, 1, [transferred(5, 1)]);
      const renewed = await storeEvents(database, agentId, 2, [transferred(1, 2)]);
      expect([renewed.acknowledgedSequence, renewed.fresh.length]).toEqual([1, 1]);
    });

    test('events of an agent that is not enrolled are refused', async () => {
      await expect(storeEvents(database, 'b'.repeat(32) as AgentId, 1, [ready(1)])).rejects.toThrow(/FOREIGN KEY/i);
    });

    test('a Package Server is saved only over the version it was made from, and keeps its packages apart from it', async () => {
      const server: StoredPackageServer = {
        ...defaultPackageServerSettings,
        agentId,
        siteId: null,
        version: 1,
        updatedAtMs: 5,
        updatedBy: 'me',
      };
      await insertPackageServer(database, server);
      await expect(insertPackageServer(database, server)).rejects.toThrow();
      const changed = { ...server, constrained: true, maxUpload: 500, version: 2 };
      expect(await updatePackageServer(database, changed)).toBe(true);
      expect(await updatePackageServer(database, changed)).toBe(false);
      expect(await loadPackageServers(database)).toEqual([changed]);
      await deletePackageServer(database, agentId);
      expect(await loadPackageServers(database)).toEqual([]);
    });

    test('an assignment replaces the one before', async () => {
      await insertPackage(database, storedPackage);
      await savePackageAssignment(database, key, { mode: 'all' });
      await savePackageAssignment(database, key, { mode: 'listed', agentIds: [agentId] });
      expect(await loadPackageAssignments(database)).toEqual(new Map([[key, { mode: 'listed', agentIds: [agentId] }]]));
    });

    test('what a Package Server served adds up by the site of the asker, once for each event', async () => {
      await insertPackageServer(database, {
        ...defaultPackageServerSettings,
        agentId,
        siteId: null,
        version: 1,
        updatedAtMs: 5,
        updatedBy: 'me',
      });
      const asker = 'b'.repeat(32) as AgentId;
      const other = 'c'.repeat(32) as AgentId;
      const served = (sequence: number): AgentEvent => ({
        kind: 'served',
        sequence,
        atMs: sequence,
        key,
        portions: [
          { agentId: asker, requests: 3, hits: 2, bytes: 5_000_000_001 },
          { agentId: other, requests: 1, hits: 0, bytes: 7 },
          { agentId: asker, from: '10.9.0.1', requests: 1, hits: 1, bytes: 9 },
        ],
      });
      const siteOf = ({ agentId: id, from = '' }: ServedPortion) => (from !== '' ? 't' : id === asker ? 's' : null);
      await storeEvents(database, agentId, 1, [served(1), transferred(2, 40)], siteOf);
      await storeEvents(database, agentId, 1, [served(1), served(3)], siteOf);
      expect(await servedBy(database, agentId)).toEqual([
        { key, siteId: 's', requests: 6, hits: 4, bytes: 10_000_000_002 },
        { key, siteId: 't', requests: 2, hits: 2, bytes: 18 },
        { key, siteId: null, requests: 2, hits: 0, bytes: 14 },
      ]);
      expect(await loadServedSums(database)).toEqual(
        new Map([[agentId, { requests: 10, hits: 6, bytes: 10_000_000_034 }]]),
      );
      expect(await loadFetchedSums(database)).toEqual(new Map([[agentId, 40]]));
    });

    test('sent bytes add up exactly, beyond 32 bits', async () => {
      const portion = { key, agentId, subnet: '10.0.0.0/24', siteId: null, bytes: 5_000_000_001 };
      await addSentBytes(database, [portion, { ...portion, siteId: 's' }]);
      await addSentBytes(database, [portion]);
      const bytesOf = new Map((await loadSentBytes(database)).map(({ siteId, bytes }) => [siteId, bytes]));
      expect([bytesOf.size, bytesOf.get(null), bytesOf.get('s')]).toEqual([2, 10_000_000_002, 5_000_000_001]);
    });

    test('a site keeps the order of its subnets, and gives them up', async () => {
      const site: StoredSite = {
        id: 's',
        name: 'S',
        subnets: ['10.2.0.0/16', '10.1.0.0/16'],
        parentId: null,
        wanKilobitsPerSecond: 8000,
        wanOutKilobitsPerSecond: 4000,
        acquisitionSchedule: 'sat,sun closed',
        distributionSchedule: '08-18 25%',
        timeZone: 'Europe/Berlin',
        locationType: 'vpn',
        sharesLan: true,
        version: 1,
        updatedAtMs: 5,
        updatedBy: 'x',
      };
      await saveSites(database, [site]);
      expect(await loadSites(database)).toEqual([site]);
      const changed = { ...site, subnets: ['10.1.0.0/16', '10.2.0.0/16'], version: 2, sharesLan: false };
      await saveSites(database, [changed]);
      expect(await loadSites(database)).toEqual([changed]);
    });

    test('sites saved together hand a subnet from one to the other, and a parent stays while sites are below it', async () => {
      const above = plainSite('a', { subnets: ['10.1.0.0/16', '10.2.0.0/16'] });
      const below = plainSite('b', { parentId: 'a', subnets: ['10.3.0.0/16'] });
      await saveSites(database, [above, below]);
      const handed = [
        { ...above, subnets: ['10.3.0.0/16'], version: 2 },
        { ...below, subnets: ['10.1.0.0/16', '10.2.0.0/16'], version: 2 },
      ];
      await saveSites(database, handed);
      expect(await loadSites(database)).toEqual(handed);
      expect(await loadSiteVersions(database)).toEqual(
        new Map([
          ['a', 2],
          ['b', 2],
        ]),
      );
      await expect(deleteSite(database, 'a')).rejects.toThrow(/FOREIGN KEY/i);
      await deleteSite(database, 'b');
      await deleteSite(database, 'a');
      expect(await loadSites(database)).toEqual([]);
      expect(await database.selectFrom('site_subnets').selectAll().execute()).toEqual([]);
    });

    test('a package version exists once, and its first withdrawal counts', async () => {
      const stored = { ...storedPackage, totalSizeBytes: 2 ** 40, blockCount: 9 };
      await insertPackage(database, stored);
      await expect(insertPackage(database, stored)).rejects.toThrow(/UNIQUE/i);
      for (const atMs of [5, 6]) await markWithdrawn(database, key, atMs);
      expect(await loadPackages(database)).toEqual([{ ...stored, withdrawnAtMs: 5 }]);
      const delivery = {
        id: 'd',
        key,
        target: { kind: 'all' },
        priority: 'normal',
        createdAtMs: 1,
        createdBy: 'x',
        spec: plainDeliverySpec,
      } as const;
      await insertDelivery(database, delivery);
      expect(await loadDeliveries(database)).toEqual([delivery]);
      await expect(
        insertDelivery(database, { ...delivery, id: 'e', key: packageKeyOf(storedPackage.guid, '2.0') }),
      ).rejects.toThrow(/FOREIGN KEY/i);
    });

    test('join tokens are valid until they expire', async () => {
      await insertJoinToken(database, { secretSha256: 'h', createdAtMs: 0, expiresAtMs: 100 });
      expect([await isJoinTokenValid(database, 'h', 99), await isJoinTokenValid(database, 'h', 100)]).toEqual([
        true,
        false,
      ]);
      expect(await isJoinTokenValid(database, 'other', 0)).toBe(false);
    });

    test('group keys are replaced as a whole', async () => {
      await saveGroupKeys(database, [{ id: 1, key: 'AA==', activateAtMs: 1, acceptUntilMs: null, createdAtMs: 1 }]);
      const keys = [2, 3].map((id) => ({
        id,
        key: 'AA==',
        activateAtMs: id,
        acceptUntilMs: id === 2 ? 9 : null,
        createdAtMs: 1,
      }));
      await saveGroupKeys(database, keys);
      expect(await loadGroupKeys(database)).toEqual(keys);
    });

    test('an account is what was saved last, and no two have one name', async () => {
      await saveAccount(database, account);
      const helper = { ...account, id: 'b', name: 'Bea', nameKey: 'bea', role: 'helpdesk', isDisabled: true } as const;
      await saveAccount(database, helper);
      await expect(saveAccount(database, { ...account, id: 'c' })).rejects.toThrow(/unique/i);
      await saveAccount(database, { ...account, role: 'helpdesk', passwordChangedAtMs: 5 });
      const password = { ...account.password, cost: 65_536 };
      await saveSignIn(database, { id: 'a', password, lastSignInMs: 7 });
      const changed = { ...account, role: 'helpdesk', passwordChangedAtMs: 5, password, lastSignInMs: 7 };
      expect(await loadAccounts(database)).toEqual([changed, helper]);
      await deleteAccount(database, 'a');
      expect(await loadAccounts(database)).toEqual([helper]);
    });

    test('API tokens go when they are over, and with their account', async () => {
      await saveAccount(database, account);
      await insertApiToken(database, { ...token, id: 'local', nameKey: 'l', secretSha256: 'l', accountId: null });
      await insertApiToken(database, token);
      await saveApiTokenUse(database, token.id, 20);
      const later = { ...token, id: 'u', nameKey: 'u', secretSha256: 'u', createdAtMs: 30, expiresAtMs: 99 };
      expect((await loadApiTokens(database))[1]).toEqual({ ...token, lastUsedMs: 20 });
      await expect(insertApiToken(database, { ...later, secretSha256: 'h', createdAtMs: 11 })).rejects.toThrow(
        /unique/i,
      );
      await insertApiToken(database, { ...later, createdAtMs: 15 });
      await deleteAccount(database, account.id);
      expect((await loadApiTokens(database)).map(({ id }) => id)).toEqual(['local']);
      await insertApiToken(database, { ...later, accountId: null });
      expect((await loadApiTokens(database)).map(({ id }) => id)).toEqual(['u']);
      await deleteApiToken(database, 'u');
      expect(await loadApiTokens(database)).toEqual([]);
    });

    test('the audit trail gives the newest first', async () => {
      const entry = { atMs: 1, who: 'w', action: 'a', subject: 's', before: null, after: { x: 1 } };
      for (const subject of ['one', 'two', 'three']) await insertAuditEntry(database, { ...entry, subject });
      const newest = await auditEntries(database, { limit: 2 });
      expect(newest.map(({ subject, after }) => [subject, after])).toEqual([
        ['three', { x: 1 }],
        ['two', { x: 1 }],
      ]);
      const older = await auditEntries(database, { limit: 2, before: newest[1]?.id });
      expect(older.map(({ subject }) => subject)).toEqual(['one']);
    });

    test('the audit trail is searched by who, action and any part of the subject, signs included', async () => {
      const entry = { atMs: 1, who: 'ann', action: 'create', subject: 'North_1', before: null, after: null };
      await insertAuditEntry(database, entry);
      await insertAuditEntry(database, { ...entry, who: 'bob', subject: '100 % South!' });
      await insertAuditEntry(database, { ...entry, who: 'bob', action: 'delete', subject: 'NORTHX1', reverts: 1 });
      const found = async (filter: Omit<AuditFilter, 'limit'>) =>
        (await auditEntries(database, { limit: 9, ...filter })).map(({ subject }) => subject);
      expect(await found({ subject: 'north' })).toEqual(['NORTHX1', 'North_1']);
      expect(await found({ subject: 'north_' })).toEqual(['North_1']);
      expect(await found({ subject: '% south!' })).toEqual(['100 % South!']);
      expect(await found({ who: 'bob', action: 'create' })).toEqual(['100 % South!']);
      const [last] = await auditEntries(database, { limit: 1 });
      expect(last).toMatchObject({ subject: 'NORTHX1', reverts: 1 });
      expect(await auditEntry(database, (last?.id ?? 0) - 2)).toMatchObject({ subject: 'North_1', reverts: null });
      expect(await auditEntry(database, 1_000_000)).toBeNull();
    });

    test('what is told of an agent again is counted, and keeps its latest time', async () => {
      const told = { kind: 'corrupt-blocks', agentId, reportedBy: null, detail: 'd' } as const;
      for (const atMs of [5, 9, 7]) await raiseAlert(database, { ...told, atMs });
      await raiseAlert(database, { ...told, agentId: 'b'.repeat(32) as AgentId, atMs: 1 });
      expect(await newestAlerts(database, 9)).toEqual([{ ...told, firstAtMs: 5, lastAtMs: 9, count: 3 }]);
    });

    test('a revocation lists the certificates that are not over', async () => {
      for (const [serial, notAfterMs] of [
        ['41', 100],
        ['42', 200],
      ] as const) {
        await insertCertificate(database, { serial, agentId, notBeforeMs: 0, notAfterMs });
      }
      for (const atMs of [50, 60]) await markRevoked(database, agentId, atMs);
      expect(await loadRevocations(database, 100)).toEqual([{ agentId, revokedAtMs: 50, serials: ['42'] }]);
    });

    test('names are in the order of their bytes', async () => {
      for (const name of ['ä', 'b', 'B', 'a', 'Z']) {
        await saveSites(database, [plainSite(name)]);
      }
      expect((await loadSites(database)).map(({ name }) => name)).toEqual(['B', 'Z', 'a', 'b', 'ä']);
    });

    test('text of any characters is stored', async () => {
      const facts = { address: '', lastSeenMs: 1, productVersion: '', cpuCores: null, interfaces: [], bootId: 1 };
      await saveAgentFacts(database, agentId, { ...facts, platform: '\0 \uD800 😀 \' "' });
      const [stored] = await loadAgents(database);
      // What no database can hold stays visible as U+FFFD.
      expect(stored?.platform).toBe('\uFFFD \uFFFD 😀 \' "');
    });

    test('writes share a transaction, and one that fails takes none of them with it', async () => {
      const writes = new WriteBatcher(access.writer);
      const entry = (subject: string) => ({ atMs: 1, who: 'w', action: 'a', subject, before: null, after: null });
      const results = await Promise.allSettled([
        writes.write((transaction) => insertAuditEntry(transaction, entry('one'))),
        writes.write(async (transaction) => {
          await insertAuditEntry(transaction, entry('half'));
          await storeEvents(transaction, 'b'.repeat(32) as AgentId, 1, [ready(1)]);
        }),
        writes.write((transaction) => insertAuditEntry(transaction, entry('two'))),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await auditEntries(database, { limit: 9 })).map(({ subject }) => subject)).toEqual(['two', 'one']);
    });
  });
}
