import { expect, it } from 'vitest';
import { assignmentWords } from '../../renderer/features/packages/assignment-words.ts';
import { differenceRows, verificationWords } from '../../renderer/features/packages/verification-words.ts';
import type { AgentId, PackageKey } from '../../shared/base/ids.ts';
import type { CopyVerification } from '../../shared/contracts/copy-verification.ts';

it('says which Package Servers keep a package, and which of them are gone', () => {
  const sites = [{ id: 'n', name: 'North' }];
  const servers = [{ id: 'a', name: 'PS-1' }];
  expect(assignmentWords({ mode: 'on-demand' }, sites, servers)).toMatch(/^No Package Server has to keep it\./);
  expect(assignmentWords({ mode: 'sites', siteIds: ['n', 'x'] }, sites, servers)).toBe(
    'The Package Servers of these sites keep it: North, one that is gone.',
  );
  expect(assignmentWords({ mode: 'listed', agentIds: ['a' as AgentId] }, sites, servers)).toBe(
    'These Package Servers keep it: PS-1.',
  );
});

const verified: CopyVerification = {
  id: 'v',
  from: 'notification-server',
  fromName: 'The Notification Server',
  key: 'k' as PackageKey,
  packageName: 'Office',
  packageVersion: '1.0',
  state: 'done',
  startedAtMs: 0,
  endedAtMs: 1,
  problem: null,
  isIntact: true,
  report: { blockCount: 5, heldBlocks: 5, differingBlocks: 0, differences: [] },
};

it('says what came of reading a copy again', () => {
  expect(verificationWords(verified)).toBe('The copy is right: 5 blocks of 5.');
  const wrong = { blockCount: 5, heldBlocks: 4, differingBlocks: 1, differences: [] };
  expect(verificationWords({ ...verified, isIntact: false, report: wrong })).toBe(
    'The copy is not right: 1 block of it differs and 1 of 5 blocks is missing.',
  );
  const agentId = 'a'.repeat(32) as AgentId;
  expect(verificationWords({ ...verified, from: agentId, isIntact: false, report: wrong })).toBe(
    'The copy is not right: 1 block of it differs and 1 of 5 blocks is missing. The agent fetches what differs again.',
  );
  const none = { blockCount: 5, heldBlocks: 0, differingBlocks: 0, differences: [] };
  expect(verificationWords({ ...verified, isIntact: false, report: none })).toBe('There is no copy.');
  expect(
    verificationWords({ ...verified, state: 'failed', isIntact: null, report: null, problem: 'It is offline.' }),
  ).toBe('The copy could not be verified: It is offline.');
});

it('lists each block that differs with the files that have a part of it', () => {
  const differences = [
    { block: 3, sha256: null, expectedSha256: 'e'.repeat(64), files: ['a.bin', 'b.bin'] },
    { block: 4, sha256: 'f'.repeat(64), expectedSha256: 'e'.repeat(64), files: [] },
  ];
  const report = { blockCount: 5, heldBlocks: 5, differingBlocks: 2, differences };
  expect(differenceRows({ ...verified, report }).map(({ cells }) => cells)).toEqual([
    ['3', 'a.bin, b.bin', 'cannot be read'],
    ['4', '', 'other bytes (ffffffffffff…)'],
  ]);
});
