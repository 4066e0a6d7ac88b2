import { expect, it } from 'vitest';
import { draftProblems } from '../../renderer/features/settings/policy-form.ts';
import { movedIds } from '../../renderer/features/settings/policy-order.ts';
import { settingValueWords } from '../../renderer/features/settings/setting-words.ts';
import type { Policy } from '../../shared/contracts/console-api.ts';
import { settingDescriptors } from '../../shared/contracts/setting-descriptors.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

function policy(id: string, isGlobal = false): Policy {
  return {
    id,
    name: id,
    isGlobal,
    priority: 1,
    target: { kind: 'all' },
    settings: defaultAgentSettings,
    version: 1,
    updatedAtMs: 0,
    updatedBy: 'ann',
    appliesToAgents: 0,
  };
}
const policies = [policy('a'), policy('b'), policy('global', true)];
const draft = { name: 'Branch', target: { kind: 'all' as const }, settings: defaultAgentSettings };

it('moves a policy by one place, never past Global nor Global itself', () => {
  expect(movedIds(policies, 'b', -1)).toEqual(['b', 'a']);
  expect(movedIds(policies, 'a', -1)).toBeNull();
  expect(movedIds(policies, 'b', 1)).toBeNull();
  expect(movedIds(policies, 'global', -1)).toBeNull();
});

it('finds nothing wrong with the defaults', () => {
  expect(draftProblems(draft)).toEqual(new Map());
});

it('says what is wrong beside the field that it belongs to', () => {
  const settings = { ...defaultAgentSettings, port: Number.NaN, announcementInterval: 100 };
  expect(draftProblems({ ...draft, settings }).get('settings.port')).toBe('Enter a whole number from 1024 to 65535.');
  const apart = { ...defaultAgentSettings, announcementInterval: 100 };
  expect([...draftProblems({ ...draft, settings: apart }).keys()]).toEqual(['settings.unavailableTimeout']);
});

it('names the line of a list that is wrong', () => {
  const settings = { ...defaultAgentSettings, additionalSubnets: ['10.1.2.0/24', '10.1.2.3/24'] };
  expect(draftProblems({ ...draft, settings }).get('settings.additionalSubnets')).toMatch(/^Line 2: /);
});

it('says every default as a person would', () => {
  const words = new Map(
    settingDescriptors.map((descriptor) => [
      descriptor.key,
      settingValueWords(descriptor, defaultAgentSettings[descriptor.key]),
    ]),
  );
  expect(words.get('peerDownloading')).toBe('Off');
  expect(words.get('port')).toBe('27801');
  expect(words.get('maxUpload')).toBe('Unlimited');
  expect(words.get('requestTimeout')).toBe('30 s');
  expect(words.get('additionalSubnets')).toBe('None');
  expect(words.get('exceptWhen')).toBe('Cloud-enabled (outside the network)');
});
