import { describe, expect, it } from 'vitest';
import { Conditions } from '../../shared/agent/conditions.ts';
import { effectiveSettingsOf } from '../../shared/agent/effective-settings.ts';
import type { ComputerConditions, LocationType } from '../../shared/contracts/conditions.ts';
import { normalConditions } from '../../shared/contracts/conditions.ts';
import type { AgentSettings } from '../../shared/contracts/settings.ts';
import { defaultAgentSettings } from '../../shared/contracts/settings.ts';

function judged(
  settings: Partial<AgentSettings>,
  told: Partial<ComputerConditions>,
  location: LocationType = 'office',
): Conditions {
  const conditions = new Conditions(effectiveSettingsOf({ ...defaultAgentSettings, ...settings }, 4));
  conditions.configure(effectiveSettingsOf({ ...defaultAgentSettings, ...settings }, 4), location);
  conditions.take({ ...normalConditions, ...told });
  return conditions;
}

describe('a computer that does without peers', () => {
  const all: AgentSettings['exceptWhen'] = ['cloud-enabled', 'vpn', 'metered', 'battery'];
  it.each([
    ['vpn', { vpn: true }],
    ['metered', { metered: true }],
    ['battery', { onBattery: true }],
    ['cloud-enabled', { internet: true }],
  ] as const)('is one in the condition %s where the policy says so, and only there', (exception, told) => {
    expect(judged({ exceptWhen: all }, told).exception).toBe(exception);
    expect(judged({ exceptWhen: all.filter((other) => other !== exception) }, told).exception).toBeNull();
    expect(judged({ exceptWhen: all }, {}).exception).toBeNull();
  });

  it('is one in a site that is a VPN or outside, whatever its adapters and its policy say', () => {
    for (const exceptWhen of [[], all]) {
      expect(judged({ exceptWhen }, {}, 'vpn').exceptionSentence).toMatch(/VPN/);
      expect(judged({ exceptWhen }, {}, 'internet').exception).toBe('cloud-enabled');
    }
    expect(judged({ exceptWhen: all }, {}, 'wifi').exception).toBeNull();
  });
});

describe('a computer that serves nobody', () => {
  it('is installing, or on battery without leave', () => {
    expect(judged({}, { installing: true }).servingProblem).toBe('installing');
    expect(judged({ serveOnBattery: false }, { onBattery: true }).servingProblem).toBe('battery');
    expect(judged({ serveOnBattery: true }, { onBattery: true }).servingProblem).toBeNull();
  });

  it('has a load above the limit, until it is well below again', () => {
    const conditions = judged({ cpuLimit: 80 }, {});
    const at = (cpuLoadPercent: number) => {
      conditions.take({ ...normalConditions, cpuLoadPercent });
      return conditions.servingProblem;
    };
    expect([80, 81, 75, 71, 70, 75, 80, 90].map(at)).toEqual([
      null,
      'processor',
      'processor',
      'processor',
      null,
      null,
      null,
      'processor',
    ]);
  });

  it('never has too high a load where there is no limit, and comes back from a very low one', () => {
    expect(judged({ cpuLimit: 0 }, { cpuLoadPercent: 100 }).servingProblem).toBeNull();
    const conditions = judged({ cpuLimit: 5 }, { cpuLoadPercent: 50 });
    expect(conditions.servingProblem).toBe('processor');
    conditions.take({ ...normalConditions, cpuLoadPercent: 4 });
    expect(conditions.servingProblem).toBeNull();
  });
});
