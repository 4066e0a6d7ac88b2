import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doublingBackoffMs } from '../../shared/base/back-off.ts';
import type { AgentId, ServerId } from '../../shared/base/ids.ts';
import {
  agentCertificateName,
  agentIdOfCertificateName,
  isAgentId,
  isPackageGuid,
  isPackageKey,
  serverCertificateName,
} from '../../shared/base/ids.ts';
import {
  blockCountOf,
  blockLengthBytes,
  bytesPerSecondOfKilobits,
  bytesPerSecondOfKilobytes,
} from '../../shared/base/units.ts';
import { holds } from '../helpers/properties.ts';

const agentId = '0123456789abcdef0123456789abcdef' as AgentId;

describe('ids', () => {
  it('are lower-case hexadecimal digits of one length, nothing around them', () => {
    expect(isAgentId(agentId)).toBe(true);
    for (const text of ['', agentId.toUpperCase(), `${agentId}0`, agentId.slice(1), ` ${agentId}`, `${agentId}\n`]) {
      expect(isAgentId(text), JSON.stringify(text)).toBe(false);
      expect(isPackageKey(text)).toBe(false);
    }
    expect(isPackageGuid('6f9619ff-8b86-4d01-b42d-00cf4fc964ff')).toBe(true);
    expect(isPackageGuid('6F9619FF-8B86-4D01-B42D-00CF4FC964FF')).toBe(false);
    expect(isPackageGuid('{6f9619ff-8b86-4d01-b42d-00cf4fc964ff}')).toBe(false);
  });

  it('come back from a certificate name, and only from one of an agent', () => {
    expect(agentIdOfCertificateName(agentCertificateName(agentId))).toBe(agentId);
    expect(agentIdOfCertificateName(serverCertificateName(agentId as string as ServerId))).toBeNull();
    for (const name of ['', agentId, `x.${agentId}.agent.fanout`, `${agentId}.agent.fanout.example`, '.agent.fanout']) {
      expect(agentIdOfCertificateName(name), name).toBeNull();
    }
  });
});

describe('units', () => {
  it('cut a package into blocks that add up to it', () => {
    holds(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 500 }), (total, blockSize) => {
        const lengths = Array.from({ length: blockCountOf(total, blockSize) }, (_, block) =>
          blockLengthBytes(block, total, blockSize),
        );
        expect(lengths.every((length) => length > 0 && length <= blockSize)).toBe(true);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(total);
      }),
    );
  });

  it('read 0 as unlimited and count in thousands', () => {
    expect(bytesPerSecondOfKilobytes(0)).toBe(Number.POSITIVE_INFINITY);
    expect(bytesPerSecondOfKilobytes(250)).toBe(250_000);
    expect(bytesPerSecondOfKilobits(0)).toBe(Number.POSITIVE_INFINITY);
    expect(bytesPerSecondOfKilobits(80_000)).toBe(10_000_000);
  });
});

describe('a doubling back-off', () => {
  it('doubles from the first pause to the last and stays there', () => {
    expect([0, 1, 2, 3, 4, 50].map((failures) => doublingBackoffMs(500, failures, 3000))).toEqual([
      500, 1000, 2000, 3000, 3000, 3000,
    ]);
  });
});
