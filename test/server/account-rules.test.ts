import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountNameKey } from '../../shared/contracts/people-api.ts';
import { losesLastAdministrator } from '../../shared/server/account-rules.ts';
import { passwordProblem } from '../../shared/server/password-rules.ts';

const standing = fc.record({
  role: fc.constantFrom('administrator' as const, 'helpdesk' as const),
  isDisabled: fc.boolean(),
});
const organisation = fc.array(standing, { maxLength: 6 }).map((all) => all.map((one, at) => ({ ...one, id: `${at}` })));

describe('the last enabled administrator', () => {
  const administrator = { role: 'administrator', isDisabled: false } as const;

  it('is neither removed, nor demoted, nor disabled', () => {
    const accounts = [
      { id: 'a', ...administrator },
      { id: 'b', role: 'helpdesk', isDisabled: false } as const,
      { id: 'c', role: 'administrator', isDisabled: true } as const,
    ];
    expect(losesLastAdministrator(accounts, 'a', null)).toBe(true);
    expect(losesLastAdministrator(accounts, 'a', { role: 'helpdesk', isDisabled: false })).toBe(true);
    expect(losesLastAdministrator(accounts, 'a', { role: 'administrator', isDisabled: true })).toBe(true);
    expect(losesLastAdministrator(accounts, 'a', administrator)).toBe(false);
    expect(losesLastAdministrator(accounts, 'b', null)).toBe(false);
    expect(losesLastAdministrator([...accounts, { id: 'd', ...administrator }], 'a', null)).toBe(false);
  });

  it('once there is one, no row of allowed changes leaves none', () => {
    const change = fc.record({ at: fc.nat(5), after: fc.option(standing) });
    fc.assert(
      fc.property(organisation, fc.array(change, { maxLength: 30 }), (start, changes) => {
        let accounts = [{ id: 'first', ...administrator } as (typeof start)[number], ...start];
        for (const { at, after } of changes) {
          const id = accounts[at]?.id;
          if (id === undefined || losesLastAdministrator(accounts, id, after)) continue;
          accounts = accounts.flatMap((account) => {
            if (account.id !== id) return [account];
            return after === null ? [] : [{ id, ...after }];
          });
        }
        expect(accounts.some(({ role, isDisabled }) => role === 'administrator' && !isDisabled)).toBe(true);
      }),
    );
  });

  it('is not asked for where there never was one', () => {
    expect(losesLastAdministrator([{ id: 'b', role: 'helpdesk', isDisabled: false }], 'b', null)).toBe(false);
  });
});

it.each([
  ['Ada', 'ada'],
  ['ÄNNE', 'a\u0308nne'],
  ['ｗｉｄｅ', 'wide'],
])('%s and %s are one name', (one, other) => {
  expect(accountNameKey(one)).toBe(accountNameKey(other));
});

describe('a password', () => {
  it.each(['correct horse', '000000000000', 'пароль-пароль', '🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑', 'ada-lovelace-1815'])(
    'may be "%s"',
    (password) => {
      expect(passwordProblem(password, 'ada')).toBeNull();
    },
  );

  it.each([
    ['elevensigns', 'Use at least 12 characters.'],
    // 12 UTF-16 units, 6 characters.
    ['🔑🔑🔑🔑🔑🔑', 'Use at least 12 characters.'],
    ['x'.repeat(257), 'Use at most 256 characters.'],
    ['Ada.LOVELACE', 'The name of the account is no password.'],
    ['ada.lovelaceada.lovelace', 'The name of the account is no password.'],
    ['  ada.lovelace  ', 'The name of the account is no password.'],
  ])('may not be "%s"', (password, problem) => {
    expect(passwordProblem(password, 'ada.lovelace')).toBe(problem);
  });
});
