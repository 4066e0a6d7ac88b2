import { expect, it } from 'vitest';
import { retentionChoices } from '../../renderer/features/agent-package/retention-words.ts';
import { agentPackageSettingsSchema } from '../../shared/contracts/agent-package.ts';

it('offers only times that the contract allows, shortest first', () => {
  const hours = retentionChoices(168).map((choice) => choice.hours);
  expect(hours).toEqual([...hours].sort((a, b) => a - b));
  for (const deleteUnusedAfterHours of hours) {
    expect(agentPackageSettingsSchema.safeParse({ deleteUnusedAfterHours }).success).toBe(true);
  }
});

it('has the time in force among the choices, where something else has set another', () => {
  expect(retentionChoices(168).filter(({ hours }) => hours === 168)).toHaveLength(1);
  expect(retentionChoices(240)).toContainEqual({ hours: 240, label: '10 days' });
  expect(retentionChoices(25)[1]).toEqual({ hours: 25, label: '25 hours' });
});
