import { afterAll, beforeAll, expect, it } from 'vitest';
import { ServerPlace } from '../notification-server/support/server-place.ts';
import { fanoutOf } from './support/fanout-of-place.ts';

let place: ServerPlace;
const { run, textOf, answerOf } = fanoutOf(() => place);

beforeAll(async () => {
  place = await ServerPlace.start();
  for (const name of ['North', 'South']) {
    await place.server.call('createSite', { body: { name, subnets: [], wanKilobitsPerSecond: 0 } });
  }
  await place.enrol({ name: 'LAB-1' });
});

afterAll(() => place.stop());

it('policies are made, renamed, aimed, ordered and deleted', async () => {
  await answerOf('policy', 'create', 'Labs', 'maxUpload=500', '--target', 'name:LAB-*');
  expect(await textOf('policy', 'create', 'Kiosks', '--target', 'site:North')).toMatch(/holds for 0 agents\.\n$/);
  expect(await answerOf('policy', 'set', 'Kiosks', '--name', 'Halls', '--target', 'all')).toMatchObject({
    name: 'Halls',
    target: { kind: 'all' },
    version: 2,
  });
  const namesOf = (policies: unknown) => (policies as { name: string }[]).map(({ name }) => name);
  expect(namesOf(await answerOf('policy', 'order', 'Halls'))).toEqual(['Halls', 'Labs', 'Global']);
  expect(await textOf('policy', 'order', 'Labs', 'Halls')).toMatch(/\n1 +Labs .*\n2 +Halls .*\n\d+ +Global /);
  expect(await textOf('policy', 'delete', 'Labs')).toBe('Labs is deleted; 1 agents have another policy now.\n');
  expect(await run('policy', 'delete', 'Global')).toMatchObject({ exitCode: 1, stdout: '' });
  expect(await run('policy', 'delete', 'Labs')).toMatchObject({ exitCode: 7 });
  expect(await run('policy', 'order', 'Halls', 'Global')).toMatchObject({ exitCode: 2 });
  expect(await run('policy', 'set', 'Halls')).toMatchObject({ exitCode: 2 });
  expect((await run('policy', 'create', 'X', 'port=1', '--target', 'all')).stderr).toContain('settings.port: ');
});

it('a stale version is refused with a sentence, and changes nothing', async () => {
  const stale = await run('policy', 'set', 'Global', 'maxUpload=1', '--if-version', '9');
  expect([stale.exitCode, stale.stdout]).toEqual([1, '']);
  expect(stale.stderr).toMatch(/^Somebody else saved this policy .* Nothing was changed: it is version 1 now, .*\n$/);
});

it('the agent package and the plug-in policy are shown and changed, with their warnings', async () => {
  expect(await textOf('settings', 'agent-package', 'show')).toContain('nobody used them for 1 week.');
  expect(await answerOf('settings', 'agent-package', 'set', '2w')).toEqual({
    deleteUnusedAfterHours: 336,
    warning: null,
  });
  expect(await run('settings', 'agent-package', 'set', '1h')).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await textOf('settings', 'plug-in', 'show')).toContain('at 17:00 by their own clock');
  const asap = await run('settings', 'plug-in', 'set', 'asap');
  expect(asap).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('as soon as possible') });
  expect(asap.stderr).toContain('serves no peers');
  expect(await answerOf('settings', 'plug-in', 'set', '18:30')).toMatchObject({ policy: { timeOfDay: '18:30' } });
  expect(await run('settings', 'plug-in', 'set', '25:00')).toMatchObject({ exitCode: 2 });
});

it('targeted site settings are made, changed over their version only, ordered and deleted', async () => {
  expect((await run('settings', 'site', 'list')).stderr).toContain('There are no targeted site settings');
  await answerOf('settings', 'site', 'create', 'Everywhere', '--all-sites');
  const made = await run('settings', 'site', 'create', 'Closed', '--sites', 'North', '--prevent-server', 'yes');
  expect(made).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('holds for 0 sites') });
  expect(made.stderr).toContain('never download from the Notification Server');
  expect(await textOf('settings', 'site', 'order', 'Closed')).toMatch(/\n1 +Closed +North +1 .*\n2 +Everywhere /);
  expect(await answerOf('settings', 'site', 'set', 'Closed', '--outbound', '500', '--name', 'Slow')).toMatchObject({
    name: 'Slow',
    version: 2,
    settings: { sharedOutboundKilobytesPerSecond: 500, preventNotificationServer: true },
  });
  const stale = await run('settings', 'site', 'set', 'Slow', '--outbound', '1', '--if-version', '1');
  expect([stale.exitCode, stale.stderr]).toEqual([1, expect.stringContaining('it is version 2 now')]);
  expect(await answerOf('settings', 'site', 'show', 'Slow')).toMatchObject({ version: 2, appliesToSites: 1 });
  expect(await textOf('settings', 'site', 'delete', 'Slow')).toBe('Slow is deleted.\n');
  expect(await run('settings', 'site', 'show', 'Slow')).toMatchObject({ exitCode: 7 });
  expect(await run('settings', 'site', 'create', 'Nowhere')).toMatchObject({ exitCode: 2 });
  expect(await run('settings', 'site', 'create', 'X', '--sites', 'Nowhere')).toMatchObject({ exitCode: 7 });
});
