import { expect, it } from 'vitest';
import { Passwords } from '../../electron/notification-server/people/passwords.ts';

it('are known again, in whatever form their letters were typed, and others are not', async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash('Übergangsjacke');
  expect(await passwords.verify('U\u0308bergangsjacke', stored)).toBe(true);
  expect(await passwords.verify('Ubergangsjacke', stored)).toBe(false);
  expect(await passwords.verify('Übergangsjacke', null)).toBe(false);
});

it('have a salt of their own and say how they were made', async () => {
  const passwords = new Passwords();
  const [one, other] = await Promise.all([passwords.hash('the same words'), passwords.hash('the same words')]);
  expect(one).toMatchObject({ kind: 'scrypt', cost: 32_768, blockSize: 8, parallelization: 3 });
  expect([one.saltBase64 === other.saltBase64, one.hashBase64 === other.hashBase64]).toEqual([false, false]);
});

it('made with other parameters are still checked by those, and called outdated', async () => {
  const passwords = new Passwords();
  // RFC 7914, section 12.
  const stored = {
    kind: 'scrypt',
    cost: 1024,
    blockSize: 8,
    parallelization: 16,
    saltBase64: Buffer.from('NaCl').toString('base64'),
    hashBase64: '/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=',
  } as const;
  expect(await passwords.verify('password', stored)).toBe(true);
  expect(passwords.isOutdated(stored)).toBe(true);
  expect(passwords.isOutdated(await passwords.hash('password'))).toBe(false);
  expect(passwords.isOutdated(await new Passwords(1024).hash('password'))).toBe(true);
});

it('that too many ask for at once are refused as busy', async () => {
  const passwords = new Passwords();
  const asked = await Promise.allSettled(Array.from({ length: 36 }, () => passwords.verify('x', cheap)));
  const refused = asked.filter((one) => one.status === 'rejected').map(({ reason }) => reason as unknown);
  expect(refused).toEqual([expect.objectContaining({ status: 503 }), expect.objectContaining({ status: 503 })]);
  expect(await passwords.verify('x', cheap)).toBe(false);
});

const cheap = {
  kind: 'scrypt',
  cost: 2,
  blockSize: 1,
  parallelization: 1,
  saltBase64: 'AAAAAAAAAAAAAAAA',
  hashBase64: 'AAAAAAAAAAAAAAAA',
} as const;
