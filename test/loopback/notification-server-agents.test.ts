import { randomBytes, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { agentCertificateName } from '../../shared/base/ids.ts';
import { agentConfigurationSchema, subnetHintsAnswerSchema } from '../../shared/contracts/agent-api.ts';
import type { AgentEvent } from '../../shared/contracts/agent-events.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import type { TestAgent } from '../notification-server/support/test-agent.ts';
import { makeAgentKey, request } from '../notification-server/support/test-agent.ts';
import { eventually } from '../notification-server/support/test-server.ts';

let place: ServerPlace;

beforeAll(async () => {
  place = await ServerPlace.start();
});

afterAll(() => place.stop());

function errorCode(body: unknown): string {
  return apiErrorSchema.parse(body).error.code;
}

describe('enrolment', () => {
  test('a join token gives an agent a certificate with its id as name, backdated by a day', async () => {
    const agent = await place.enrol({ name: 'pc-1' });
    const certificate = new X509Certificate(agent.identity.certificatePem);
    expect(certificate.subjectAltName).toBe(`DNS:${agentCertificateName(agent.agentId)}`);
    expect(certificate.verify(new X509Certificate(agent.identity.caCertificatePem).publicKey)).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now() - 23 * 3_600_000);
    expect(agent.identity).toMatchObject({ serverId: place.server.serverId, installationEpoch: 1 });
    expect((await agent.request('/configuration')).status).toBe(200);
  });

  test('a wrong secret is refused in words', async () => {
    const { csrPem } = await makeAgentKey();
    const answer = await request(`${place.server.agentUrl}/agent/v1/enrol`, {
      method: 'POST',
      rejectUnauthorized: false,
      body: { secret: 'x'.repeat(43), csrPem, name: 'stranger' },
    });
    expect(answer.status).toBe(403);
    expect(errorCode(answer.json())).toBe('join-token-invalid');
  });

  test('a request that is not signed by its key is refused', async () => {
    const answer = await request(`${place.server.agentUrl}/agent/v1/enrol`, {
      method: 'POST',
      rejectUnauthorized: false,
      body: { secret: place.joinToken.split('.')[2], csrPem: 'not a request', name: 'stranger' },
    });
    expect(answer.status).toBe(400);
  });

  test('the same computer enrols again under its id and counts its events anew', async () => {
    const first = await place.enrol();
    const again = await place.enrol({ key: first.key, previousAgentId: first.agentId });
    expect(again.identity).toMatchObject({ agentId: first.agentId, installationEpoch: 2 });
  });

  test('the id of another key is refused', async () => {
    const first = await place.enrol();
    await expect(place.enrol({ previousAgentId: first.agentId })).rejects.toThrow(/403.*belongs to another key/);
  });

  test('an agent renews its certificate for its own key only', async () => {
    const agent = await place.enrol();
    const renewed = await agent.request('/renew', { method: 'POST', body: { csrPem: agent.key.csrPem } });
    expect(renewed.status).toBe(200);
    const { certificatePem } = renewed.json() as { certificatePem: string };
    expect(new X509Certificate(certificatePem).subjectAltName).toBe(`DNS:${agentCertificateName(agent.agentId)}`);
    const { csrPem } = await makeAgentKey();
    expect((await agent.request('/renew', { method: 'POST', body: { csrPem } })).status).toBe(403);
  });
});

describe('who has no certificate of an enrolled agent', () => {
  const guid = '00000000-0000-4000-8000-000000000000';
  test.each([
    ['GET', '/agent/v1/configuration'],
    ['POST', '/agent/v1/renew'],
    ['POST', '/agent/v1/events'],
    ['GET', '/agent/v1/feed'],
    ['GET', '/agent/v1/additional-subnets'],
    ['GET', '/agent/v1/enrol'],
    ['GET', `/agent/v1/packages/${guid}/1.0/snapshot`],
    ['GET', `/agent/v1/packages/${guid}/1.0/codebases`],
    ['GET', `/agent/v1/packages/${guid}/1.0/blocks/0`],
    ['GET', '/'],
    ['GET', '/agent/v1/enrol/../configuration'],
  ])('gets 401 from %s %s', async (method, route) => {
    const answer = await request(`${place.server.agentUrl}${route}`, { method, rejectUnauthorized: false });
    expect(answer.status).toBe(401);
    expect(errorCode(answer.json())).toBe('not-enrolled');
  });

  test('neither with a certificate of another authority', async () => {
    const other = await ServerPlace.start();
    onTestFinished(() => other.stop());
    const foreign = await other.enrol();
    const answer = await request(`${place.server.agentUrl}/agent/v1/configuration`, {
      rejectUnauthorized: false,
      cert: foreign.identity.certificatePem,
      key: foreign.key.privateKeyPem,
    });
    expect(answer.status).toBe(401);
  });

  test('nor over TLS 1.2', async () => {
    const attempt = request(`${place.server.agentUrl}/agent/v1/configuration`, {
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    await expect(attempt).rejects.toThrow();
  });
});

describe('configuration', () => {
  test('is answered with 304 while it has not changed, and carries the time of the server', async () => {
    const agent = await place.enrol();
    const first = await agent.request('/configuration');
    const configuration = agentConfigurationSchema.parse(first.json());
    expect(configuration).toMatchObject({ agentId: agent.agentId, policy: { name: 'Global' }, deliveries: [] });
    expect(configuration.groupKeys.length).toBe(2);
    expect(Number(first.headers['x-fanout-time-ms'])).toBeGreaterThan(Date.now() - 60_000);
    const again = await agent.request('/configuration', { headers: { 'if-none-match': String(first.headers.etag) } });
    expect(again.status).toBe(304);
    expect(again.body.length).toBe(0);
  });

  test('a saved policy is pushed to the agents that it concerns, and to no others', async () => {
    const [concerned, other] = [await place.enrol(), await place.enrol()];
    const [concernedFeed, otherFeed] = [await concerned.openFeed(), await other.openFeed()];
    for (const agent of [concerned, other]) await agent.request('/configuration');
    await place.server.call('createPolicy', {
      body: {
        name: 'One computer',
        target: { kind: 'agents', agentIds: [concerned.agentId] },
        settings: { ...defaultAgentSettings, maxDownload: 1234 },
      },
    });
    await eventually('the push', () => concernedFeed.received[0] ?? null);
    expect(concernedFeed.received).toEqual([{ kind: 'configuration-changed', spreadMs: 0 }]);
    expect(otherFeed.received).toEqual([]);
    const configuration = await configurationOf(concerned);
    expect(configuration.settings.maxDownload).toBe(1234);
    concernedFeed.close();
    otherFeed.close();
  });

  test('a change between the fetch and the opening of the feed is not lost', async () => {
    const agent = await place.enrol();
    await agent.request('/configuration');
    const file = path.join(place.folder, 'gap.bin');
    await writeFile(file, randomBytes(1000));
    await place.server.call('createPolicy', {
      body: {
        name: 'Gap',
        target: { kind: 'agents', agentIds: [agent.agentId] },
        settings: { ...defaultAgentSettings, maxUpload: 99 },
      },
    });
    const feed = await agent.openFeed();
    await eventually('the push', () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null);
    feed.close();
  });
});

describe('events', () => {
  const started = (sequence: number): AgentEvent => ({
    kind: 'started',
    sequence,
    atMs: 1,
    bootId: 7,
    productVersion: '1.2.3',
    platform: 'test',
    cpuCores: 4,
    interfaces: [{ name: 'lo', address: '127.9.9.9', subnet: '127.9.9.0/24', port: 1 }],
  });
  const transferred = (sequence: number, bytes: number): AgentEvent => ({
    kind: 'transferred',
    sequence,
    atMs: 1,
    key: 'a'.repeat(40) as never,
    portions: [{ source: 'peer', reason: 'peer-has-block', agentId: null, bytes, blocks: 1 }],
  });

  test('sent twice are stored once, also when both are under way at the same time', async () => {
    const agent = await place.enrol();
    const body = { installationEpoch: 1, events: [started(1), transferred(2, 5000)] };
    const answers = await Promise.all([1, 2, 3].map(() => agent.request('/events', { method: 'POST', body })));
    for (const answer of answers) expect(answer.json()).toEqual({ acknowledgedSequence: 2 });
    const shown = await place.server.call('agent', { params: { agentId: agent.agentId } });
    expect(shown).toMatchObject({
      peerBytes: 5000,
      subnet: '127.9.9.0/24',
      address: '127.9.9.9',
      productVersion: '1.2.3',
    });
  });

  test('of a newer installation than the enrolment are refused', async () => {
    const agent = await place.enrol();
    const answer = await agent.request('/events', {
      method: 'POST',
      body: { installationEpoch: 2, events: [started(1)] },
    });
    expect(answer.status).toBe(400);
  });

  test('that do not parse are refused with the field', async () => {
    const agent = await place.enrol();
    const body = { installationEpoch: 1, events: [{ kind: 'stopping', sequence: 0, atMs: 1 }] };
    const answer = await agent.request('/events', { method: 'POST', body });
    expect(answer.status).toBe(400);
    expect(apiErrorSchema.parse(answer.json()).error.fields?.[0]?.path).toBe('events.0.sequence');
  });
});

describe('the feed', () => {
  test('makes an agent online while it is open', async () => {
    const agent = await place.enrol();
    const isOnline = async () => (await place.server.call('agent', { params: { agentId: agent.agentId } })).online;
    expect(await isOnline()).toBe(false);
    const feed = await agent.openFeed();
    expect(await isOnline()).toBe(true);
    await place.server.call('reportNow', { params: { agentId: agent.agentId } });
    await eventually('the request to report', () => feed.received.find(({ kind }) => kind === 'report-now') ?? null);
    feed.close();
    await eventually('offline', async () => ((await isOnline()) ? null : true));
    await expect(place.server.call('reportNow', { params: { agentId: agent.agentId } })).rejects.toThrow(/not online/);
  });
});

describe('hints for additional subnets', () => {
  const placed = async (address: string): Promise<TestAgent> => {
    const agent = await place.enrol();
    const event: AgentEvent = {
      kind: 'started',
      sequence: 1,
      atMs: 1,
      bootId: 7,
      productVersion: '1.2.3',
      platform: 'test',
      cpuCores: 4,
      interfaces: [{ name: 'lan', address, subnet: `${address.replace(/\.\d+$/, '')}.0/24`, port: 27801 }],
    };
    await agent.request('/events', { method: 'POST', body: { installationEpoch: 1, events: [event] } });
    return agent;
  };
  const hintsTo = async (agent: TestAgent) =>
    subnetHintsAnswerSchema.parse((await agent.request('/additional-subnets')).json()).agents;

  test('name the agents that are there, follow them when they move, and leave the configuration as it is', async () => {
    const asking = await placed('127.21.1.1');
    const there = [await placed('127.21.2.1'), await placed('127.21.2.2')];
    const elsewhere = await placed('127.21.3.1');
    await place.server.call('createPolicy', {
      body: {
        name: 'Neighbours',
        target: { kind: 'agents', agentIds: [asking, elsewhere, ...there].map(({ agentId }) => agentId) },
        settings: { ...defaultAgentSettings, peerDownloading: true, additionalSubnets: ['127.21.2.0/24'] },
      },
    });
    const etag = String((await asking.request('/configuration')).headers.etag);
    const hints = await hintsTo(asking);
    expect(new Set(hints.map(({ agentId }) => agentId))).toEqual(new Set(there.map(({ agentId }) => agentId)));
    expect(hints.find(({ agentId }) => agentId === there[0]?.agentId)).toMatchObject({
      address: '127.21.2.1',
      port: 27801,
    });
    const moved: AgentEvent = {
      kind: 'interfaces-changed',
      sequence: 2,
      atMs: 1,
      interfaces: [{ name: 'lan', address: '127.21.2.9', subnet: '127.21.2.0/24', port: 4711 }],
    };
    await elsewhere.request('/events', { method: 'POST', body: { installationEpoch: 1, events: [moved] } });
    expect(await hintsTo(asking)).toContainEqual({ agentId: elsewhere.agentId, address: '127.21.2.9', port: 4711 });
    const [first] = there;
    if (first === undefined) throw new Error('two agents are there');
    const gone = { ...moved, interfaces: [{ ...moved.interfaces[0], address: '127.21.4.1', subnet: '127.21.4.0/24' }] };
    await first.request('/events', { method: 'POST', body: { installationEpoch: 1, events: [gone] } });
    expect((await hintsTo(asking)).map(({ agentId }) => agentId)).not.toContain(first.agentId);
    const again = await asking.request('/configuration', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  test('name nobody whose policy has peer downloading off, and nobody to an agent without such subnets', async () => {
    const asking = await placed('127.22.1.1');
    const silent = await placed('127.22.2.1');
    expect(await hintsTo(silent)).toEqual([]);
    await place.server.call('createPolicy', {
      body: {
        name: 'One side',
        target: { kind: 'agents', agentIds: [asking.agentId] },
        settings: { ...defaultAgentSettings, peerDownloading: true, additionalSubnets: ['127.22.2.0/24'] },
      },
    });
    expect(await hintsTo(asking)).toEqual([]);
    const shown = (await place.server.call('policies', {})).find(({ name }) => name === 'One side');
    expect(shown?.warnings).toEqual([
      {
        key: 'additionalSubnets',
        message: expect.stringMatching(/^127\.22\.2\.0\/24: the policy "Global" .* 127\.22\.1\.0\/24/),
      },
    ]);
  });
});
