import { beforeAll, describe, expect, it } from 'vitest';
import { checkSnapshot, snapshotKeyOf } from '../../electron/agent-worker/signed-snapshot.ts';
import type { Snapshot } from '../../shared/contracts/snapshot.ts';
import { makePackage, TestAuthority } from '../support/agent-fixtures.ts';

describe('a signed snapshot', () => {
  let authority: TestAuthority;
  const { snapshot } = makePackage(
    [
      { path: 'a', sizeBytes: 5000 },
      { path: 'b', sizeBytes: 5000 },
    ],
    4096,
  );

  beforeAll(async () => {
    authority = await TestAuthority.create();
  });

  const check = (change: Partial<Snapshot>) =>
    checkSnapshot(authority.sign({ ...snapshot, ...change }), snapshotKeyOf(authority.snapshotPublicKey));

  it('is taken as it was signed', () => {
    expect(check({})).toMatchObject({ ok: true, snapshot });
  });

  it('is refused under another key', async () => {
    const other = await TestAuthority.create();
    expect(checkSnapshot(other.sign(snapshot), snapshotKeyOf(authority.snapshotPublicKey)).ok).toBe(false);
  });

  it('is refused where something in it is impossible, although the signature is right', () => {
    const [first, second] = snapshot.files;
    if (first === undefined || second === undefined) throw new Error('the package has two files');
    expect(check({ files: [{ ...first, path: '../a' }, second] }).ok).toBe(false);
    expect(check({ files: [first, { ...second, path: 'A' }] }).ok).toBe(false);
    expect(check({ files: [first, { ...second, offsetBytes: 4000 }] }).ok).toBe(false);
    expect(check({ totalSizeBytes: 9999 }).ok).toBe(false);
    expect(check({ blockHashes: snapshot.blockHashes.slice(1) }).ok).toBe(false);
  });

  it('is refused where it is something else altogether', () => {
    const key = snapshotKeyOf(authority.snapshotPublicKey);
    for (const input of [null, {}, { payload: 'AA==', signature: '' }, { payload: '!', signature: 'AA==' }]) {
      expect(checkSnapshot(input, key).ok).toBe(false);
    }
  });
});
