import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AgentConfiguration } from '../../shared/contracts/agent-api.ts';
import { apiErrorSchema } from '../../shared/contracts/errors.ts';
import { configurationOf, ServerPlace } from '../notification-server/support/server-place.ts';
import { eventually } from '../notification-server/support/test-server.ts';

describe('the Notification Server', () => {
  let place: ServerPlace;

  beforeAll(async () => {
    place = await ServerPlace.start({ groupKeySettleMs: 2000 });
  });

  afterAll(() => place.stop());

  const usedKey = ({ groupKeys }: AgentConfiguration): number | undefined =>
    groupKeys.filter(({ activateAtMs }) => activateAtMs <= Date.now()).at(-1)?.id;

  test('goes over to the next group key when it is told to, pushes it to the agents and writes who did it', async () => {
    const agent = await place.enrol();
    const feed = await agent.openFeed();
    const before = await configurationOf(agent);
    // Two administrators, or one who clicks twice: the second has to wait.
    const outcomes = await Promise.allSettled([
      place.server.call('rotateGroupKeys', {}),
      place.server.call('rotateGroupKeys', {}),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const shown = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
    await eventually('the push', () => feed.received.find(({ kind }) => kind === 'configuration-changed') ?? null);
    const after = await configurationOf(agent);
    // Nobody has to be told first: the new key was known before, and the old one stays accepted.
    expect(before.groupKeys.map(({ id }) => id)).toContain(usedKey(after));
    expect(after.groupKeys.map(({ id }) => id)).toContain(usedKey(before));
    expect(usedKey(after)).not.toBe(usedKey(before));
    expect(shown.map(({ id }) => id)).toEqual(after.groupKeys.map(({ id }) => id));
    expect(JSON.stringify(shown)).not.toContain(after.groupKeys[0]?.key);
    const entry = (await place.server.call('audit', { query: {} })).find(({ action }) => action === 'rotate-group-key');
    expect(entry).toMatchObject({ who: expect.any(String), subject: 'agents' });
    expect(JSON.stringify(entry)).not.toContain(after.groupKeys[0]?.key);
    feed.close();
  });

  test('rotates no second time before agents had the time to follow', async () => {
    await expect(place.server.call('rotateGroupKeys', {})).rejects.toThrow(/still taking over/);
  });

  test('puts a revoked agent out at once and lists all certificates that it has', async () => {
    const [revoked, healthy] = [await place.enrol({ name: 'lost-laptop' }), await place.enrol()];
    const renewed = await revoked.request('/renew', { method: 'POST', body: { csrPem: revoked.key.csrPem } });
    expect(renewed.status).toBe(200);
    const [feed, healthyFeed] = [await revoked.openFeed(), await healthy.openFeed()];
    const known = await configurationOf(revoked);
    await configurationOf(healthy);
    expect(await place.server.call('revokeAgent', { params: { agentId: revoked.agentId } })).toMatchObject({
      revokedAtMs: expect.any(Number),
      online: false,
    });
    await eventually('its feed is closed', () => (feed.isOpen ? null : true));
    for (const path of ['/configuration', '/events', '/renew', '/feed']) {
      const answer = await revoked.request(path, path === '/configuration' ? {} : { method: 'POST', body: {} });
      if (path === '/feed') continue;
      expect([path, answer.status]).toEqual([path, 403]);
      expect(apiErrorSchema.parse(answer.json()).error.code).toBe('revoked');
    }
    await expect(revoked.openFeed()).rejects.toThrow(/403/);
    await eventually('the push', () => healthyFeed.received.at(-1) ?? null);
    const told = await configurationOf(healthy);
    expect(told.revokedAgentIds).toEqual([revoked.agentId]);
    expect(told.revokedSerials).toHaveLength(2);
    const listed = (await place.server.call('agents', {})).find(({ agentId }) => agentId === revoked.agentId);
    expect(listed?.revokedAtMs).toEqual(expect.any(Number));
    expect(
      (await place.server.call('audit', { query: {} })).find(({ action }) => action === 'revoke-agent'),
    ).toMatchObject({
      subject: 'lost-laptop',
    });
    const sameIdAgain = place.enrol({ key: revoked.key, previousAgentId: revoked.agentId });
    await expect(sameIdAgain).rejects.toThrow(/revoked/);
    const anew = await place.enrol();
    expect(anew.agentId).not.toBe(revoked.agentId);
    // Two keys that it has never seen follow once the rotation before has settled.
    const fresh = await eventually(
      'keys that the revoked agent does not know',
      async () => {
        const { groupKeys } = await configurationOf(healthy);
        const strange = groupKeys.filter(({ id }) => !known.groupKeys.some((key) => key.id === id));
        return strange.length >= 2 ? groupKeys : null;
      },
      20_000,
    );
    for (const key of fresh) {
      const isKnown = known.groupKeys.some(({ id }) => id === key.id);
      expect(key.acceptUntilMs === null).toBe(!isKnown);
    }
    healthyFeed.close();
  });

  test('knows who is revoked after a restart', async () => {
    const agent = await place.enrol();
    await place.server.call('revokeAgent', { params: { agentId: agent.agentId } });
    await place.restartServer();
    const answer = await agent.request('/configuration');
    expect(answer.status).toBe(403);
    const healthy = await place.enrol();
    expect((await configurationOf(healthy)).revokedAgentIds).toContain(agent.agentId);
    await expect(place.server.call('revokeAgent', { params: { agentId: 'f'.repeat(32) as never } })).rejects.toThrow(
      /no such agent/,
    );
  });
});
