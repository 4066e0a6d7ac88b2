import { describe, expect, it } from 'vitest';
import { DeliveryReporter } from '../../shared/agent/delivery-report.ts';
import type { PackageGuid, PackageKey } from '../../shared/base/ids.ts';
import type { AssignedDelivery } from '../../shared/contracts/agent-api.ts';

function delivery(deliveryId: string): AssignedDelivery {
  return {
    deliveryId,
    guid: '00000000-0000-4000-8000-000000000000' as PackageGuid,
    version: '1.0',
    key: 'cd'.repeat(20) as PackageKey,
    name: 'Editor',
    priority: 'normal',
    totalSizeBytes: 1,
  };
}

describe('what came of a delivery', () => {
  it('says nothing of another one, also where the first was taken back in between', () => {
    const report = new DeliveryReporter();
    expect(report.assign(delivery('first'))).toBe(false);
    expect(report.assign(delivery('second'))).toBe(true);
    expect(report.assign(null)).toBe(false);
    expect(report.assign(delivery('third'))).toBe(true);
  });

  it('still counts when the same one comes back, and is told again', () => {
    const report = new DeliveryReporter();
    report.assign(delivery('first'));
    report.tell();
    report.assign(null);
    expect(report.assign(delivery('first'))).toBe(false);
    expect(report.isUntold).toBe(true);
  });

  it('is still to come while the installation for an earlier one is under way', () => {
    const report = new DeliveryReporter();
    report.assign(delivery('first'));
    report.installationBegins();
    report.assign(null);
    expect(report.assign(delivery('second'))).toBe(false);
    expect(report.tell().delivery?.deliveryId).toBe('first');
    expect(report.installationEnded()).toBe(true);
    expect(report.tell().delivery?.deliveryId).toBe('second');
  });
});
