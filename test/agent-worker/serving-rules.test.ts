import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Credentials } from '../../electron/agent-worker/agent-identity.ts';
import { BlockStore } from '../../electron/agent-worker/block-store.ts';
import { ImpairmentSwitch } from '../../electron/agent-worker/impairment-switch.ts';
import { ServingAdapter } from '../../electron/agent-worker/serving-adapter.ts';
import { snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import {
  newPrivateKeyPem,
  publicKeyDerOfPem,
} from '../../electron/notification-server/identity/certificate-authority.ts';
import type { AgentId } from '../../shared/base/ids.ts';
import { agentCertificateName, serverCertificateName } from '../../shared/base/ids.ts';
import { parseIpv4 } from '../../shared/base/ipv4.ts';
import type { TemporaryFolder } from '../support/agent-fixtures.ts';
import {
  freshLoopbackAddress,
  randomId,
  silentLogger,
  TestAuthority,
  temporaryFolder,
} from '../support/agent-fixtures.ts';

const port = 4400;

describe('who is served', () => {
  const address = freshLoopbackAddress(60);
  const allowedAddress = freshLoopbackAddress(60);
  const foreignAddress = freshLoopbackAddress(61);
  const revoked = new Set<string>();
  let folder: TemporaryFolder;
  let authority: TestAuthority;
  let serving: ServingAdapter;
  let serverId: AgentId;

  beforeEach(async () => {
    folder = await temporaryFolder();
    authority = await TestAuthority.create();
    const identity = await authority.enrol();
    serverId = identity.agentId;
    const store = new BlockStore(folder.path, snapshotKeyOf(authority.snapshotPublicKey), silentLogger);
    serving = new ServingAdapter({
      impairments: new ImpairmentSwitch(),
      credentials: new Credentials(identity),
      store,
      self: () => ({ agentId: identity.agentId, name: 'server', bootId: 1 }),
      isAllowedAddress: (from) => from !== parseIpv4(foreignAddress),
      isRevoked: ({ serial }) => revoked.has(serial),
      push: (input) => {
        if (input.kind !== 'servingRequested') return;
        const refusal = { kind: 'refuse', code: 'busy', retryAfterMs: 0, others: [] } as const;
        setImmediate(() => serving.answer(input.requestId, refusal));
      },
      httpLog: { note: () => undefined },
      logger: silentLogger,
    });
    await serving.openAt(parseIpv4(address) ?? 0, port);
    serving.configure({ enabled: true, maxConnections: 4, requestTimeoutMs: 5000, contentKey: null });
  });

  afterEach(async () => {
    await serving.close();
    await folder.remove();
  });

  /** The status of the answer, or null where the connection brought none. */
  const statusFor = (localAddress: string, credentials: object, path = '/peer/v1/packages'): Promise<number | null> =>
    new Promise((resolve) => {
      const outgoing = request({
        host: address,
        port,
        path,
        agent: false,
        localAddress,
        servername: agentCertificateName(serverId),
        ca: authority.authority.certificatePem,
        ...credentials,
      });
      outgoing.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', () => resolve(null));
      outgoing.end();
    });

  const credentialsOf = (identity: { privateKeyPem: string; certificatePem: string }) => ({
    key: identity.privateKeyPem,
    cert: identity.certificatePem,
  });

  it('an enrolled agent is, from its subnet alone', async () => {
    const peer = credentialsOf(await authority.enrol());
    expect(await statusFor(allowedAddress, peer)).toBe(200);
    expect(await statusFor(foreignAddress, peer)).toBe(403);
  });

  it('any enrolled agent may ask for what a Package Server gives; the core says whether this is one', async () => {
    const content = `/package-server/v1/packages/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}/1.0/blocks/0`;
    const peer = await authority.enrol();
    expect(await statusFor(foreignAddress, credentialsOf(peer), content)).toBe(503);
    revoked.add(peer.serial.toUpperCase());
    expect(await statusFor(foreignAddress, credentialsOf(peer), content)).toBeNull();
    expect(await statusFor(foreignAddress, {}, content)).toBeNull();
    const other = credentialsOf(await authority.enrol());
    for (const path of ['', '/packages', '/packages/x/1.0/blocks/0', '/../../peer/v1/packages']) {
      expect(await statusFor(foreignAddress, other, `/package-server/v1${path}`)).toBe(404);
    }
    serving.configure({ enabled: false, maxConnections: 4, requestTimeoutMs: 5000, contentKey: null });
    expect(await statusFor(foreignAddress, other, content)).not.toBe(503);
  });

  it('an agent whose certificate was revoked is not', async () => {
    const peer = await authority.enrol();
    revoked.add(peer.serial.toUpperCase());
    expect(await statusFor(allowedAddress, credentialsOf(peer))).toBeNull();
  });

  it('nobody is without a certificate, with an expired one or one of another authority', async () => {
    expect(await statusFor(allowedAddress, {})).toBeNull();
    const yearAgo = Date.now() - 365 * 86_400_000;
    const expired = await authority.enrol(randomId() as AgentId, yearAgo);
    expect(await statusFor(allowedAddress, credentialsOf(expired))).toBeNull();
    const stranger = await (await TestAuthority.create()).enrol();
    expect(await statusFor(allowedAddress, credentialsOf(stranger))).toBeNull();
  });

  it('a certificate of the same authority that names no agent is not', async () => {
    const key = newPrivateKeyPem();
    const name = serverCertificateName(authority.serverId);
    const issued = await authority.authority.issue(name, publicKeyDerOfPem(key), Date.now());
    expect(await statusFor(allowedAddress, { key, cert: issued.pem })).toBeNull();
  });

  it('paths that are none of the interface are not found', async () => {
    const peer = credentialsOf(await authority.enrol());
    for (const path of ['/', '/peer/v1/../identity.json', '/peer/v1/packages/x/1/blocks/0', '/peer/v2/packages']) {
      expect(await statusFor(allowedAddress, peer, path)).toBe(404);
    }
  });
});
