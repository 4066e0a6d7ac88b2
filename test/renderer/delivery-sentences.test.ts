import { expect, test } from 'vitest';
import { deedWords, isPossible } from '../../renderer/features/deliveries/delivery-deeds.ts';
import { deliverySentences } from '../../renderer/features/deliveries/delivery-sentences.ts';
import { draftOf, formOf, type WizardForm } from '../../renderer/features/deliveries/wizard-form.ts';
import { zeroEach } from '../../shared/base/zero-each.ts';
import { deliveryAgentStates } from '../../shared/contracts/deliveries.ts';
import type { Delivery, StageProgress } from '../../shared/contracts/deliveries-api.ts';
import { deliverySchema } from '../../shared/contracts/deliveries-api.ts';
import { packageGuidSchema } from '../../shared/contracts/primitives.ts';

const guid = packageGuidSchema.parse('3c56c8a4-3a3e-4cfe-9e32-0a9f6a7f6d11');
const version = '2.1';
const facts = { packageName: 'Editor', siteName: () => 'Pilot', members: [3, 6] };

const sentences = (change: Partial<WizardForm>) =>
  deliverySentences(draftOf({ guid, version }, { ...formOf(null), ...change }), facts);

test('a plain delivery is said in five sentences', () => {
  expect(sentences({})).toEqual([
    '“Editor” 2.1 is brought to all agents (3 agents now).',
    'It begins as soon as you deliver it.',
    'Computers download at any time that their policy allows.',
    'Nothing is installed: the package is only brought to the computers.',
    'There is no deadline.',
  ]);
});

test('stages, windows, overrides and commands are said in the order in which they happen', () => {
  const said = sentences({
    target: { kind: 'sites', siteIds: ['1'] },
    priority: 'emergency',
    ignoresTotalBlockouts: true,
    laterStages: [
      {
        target: { kind: 'all' },
        start: { kind: 'after-previous', installedPercent: 95, failedPercent: 2, hours: 1 },
      },
    ],
    downloadWindows: [
      { days: ['sat', 'sun'], from: '00:00', to: '00:00' },
      { days: ['mon'], from: '20:00', to: '06:00' },
    ],
    isInstalled: true,
    schedule: { kind: 'daily', timeOfDay: '17:00' },
    commandFile: 'setup.sh',
    argumentsText: '--quiet',
    tries: 1,
  });
  expect(said).toEqual([
    '“Editor” 2.1 is brought to Pilot (3 agents now) in stage 1.',
    'It is an emergency: it goes before all other downloads, and no throttling or blockout of downloads holds it up.',
    'It gets through blockouts of all communication, too.',
    'It begins as soon as you deliver it.',
    'Stage 2 brings it to all agents (6 agents now, without those of earlier stages) once 95 % of stage 1 have done their part and at most 2 % have failed, for 1 hour without a break.',
    'Computers download only Sat, Sun all day and Mon 20:00–06:00 (next day), by their own clocks; but an emergency waits for no window.',
    'Computers install at the next 17:00, by their own clocks: they run “setup.sh --quiet” from the folder of the package. Where it fails it is not tried again.',
    'Agents that were not started with --allow-execute run no command and fail.',
    'There is no deadline.',
  ]);
});

function stage(agents: number, startedAtMs: number | null, states: Partial<StageProgress['states']>): StageProgress {
  return {
    ...{ target: { kind: 'all' }, start: null, startedAtMs, isByHand: false, dueAtMs: null, agents, failures: [] },
    states: { ...zeroEach(deliveryAgentStates), ...states },
  };
}

function delivery(status: Delivery['status'], stages: StageProgress[]): Delivery {
  return deliverySchema.parse({
    ...{ id: 'one', guid, version, key: 'a'.repeat(40), packageName: 'Editor', createdAtMs: 1, createdBy: 'ann' },
    ...{ target: { kind: 'all' }, priority: 'normal', status, round: 0, stages },
    ...{ agents: 0, ready: 0, downloading: 0, failed: 0 },
  });
}

test('only what the server would not refuse is offered, and a question names how many agents it meets', () => {
  const running = delivery('running', [
    stage(10, 1, { ready: 4, failed: 1, downloading: 5 }),
    stage(20, null, { 'not-offered': 20 }),
  ]);
  const possible = (of: Delivery) =>
    (['pauseDelivery', 'resumeDelivery', 'startNextStage', 'retryDelivery', 'cancelDelivery'] as const).filter((deed) =>
      isPossible(of, deed),
    );
  expect(possible(running)).toEqual(['pauseDelivery', 'startNextStage', 'retryDelivery', 'cancelDelivery']);
  expect(possible({ ...running, status: 'paused' })).toContain('resumeDelivery');
  expect(possible({ ...running, status: 'cancelled' })).toEqual([]);
  expect(deedWords(running, 'pauseDelivery').body).toContain('5 agents under way');
  expect(deedWords(running, 'startNextStage').body).toContain('20 agents of stage 2');
  expect(deedWords(running, 'retryDelivery').body).toContain('1 agent that failed');
  expect(deedWords(running, 'cancelDelivery').body).toContain(
    '5 agents under way will not go on. 20 agents of stages that have not begun never get it.',
  );
});
