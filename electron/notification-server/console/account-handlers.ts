import { randomUUID } from 'node:crypto';
import type { Account } from '../../../shared/contracts/people-api.ts';
import { accountNameKey } from '../../../shared/contracts/people-api.ts';
import { losesLastAdministrator } from '../../../shared/server/account-rules.ts';
import type { StoredAccount } from '../../database/stores/account-store.ts';
import { deleteAccount, saveAccount } from '../../database/stores/account-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { hashedOrRefuse } from './password-field.ts';
import type { PeopleParts } from './session-handlers.ts';

type AccountRoutes = 'accounts' | 'createAccount' | 'updateAccount' | 'removeAccount' | 'endSessionsOfAccount';

/** All are in memory and in one answer. */
const maximumAccounts = 1000;

/** Who has an account, and as what. A change of role, password or state ends the account's sessions at once. */
export function accountHandlers(parts: HandlerParts, who: PeopleParts): Pick<ConsoleHandlers, AccountRoutes> {
  const { people, sessions, signIn } = who;
  const accountOrRefuse = (id: string): StoredAccount => {
    const account = people.account(id);
    if (account === null) throw new Refusal('not-found', 'There is no such account.');
    return account;
  };
  const refuseLastAdministrator = (id: string, after: StoredAccount | null): void => {
    if (!losesLastAdministrator(people.accounts, id, after)) return;
    throw new Refusal('conflict', 'This is the last enabled administrator. Make or enable another one first.');
  };

  return {
    accounts: () => people.accounts.map(shownAccount),
    createAccount: async ({ body: { name, role, password }, signedIn }) => {
      const hashed = await hashedOrRefuse(signIn.passwords, password, name, 'password');
      const nowMs = parts.now();
      const account: StoredAccount = {
        id: randomUUID(),
        name,
        nameKey: accountNameKey(name),
        role,
        isDisabled: false,
        password: hashed,
        passwordChangedAtMs: nowMs,
        createdAtMs: nowMs,
        createdBy: signedIn.name,
        lastSignInMs: null,
      };
      await people.change(async () => {
        if (people.accountOfKey(account.nameKey) !== null) {
          const message = `There is another account called "${name}".`;
          throw new Refusal('conflict', message, { fields: [{ path: 'name', message }] });
        }
        if (people.accounts.length >= maximumAccounts) {
          throw new Refusal('conflict', `A server has at most ${maximumAccounts} accounts.`);
        }
        const change = { who: signedIn.name, action: 'create-account', subject: name, before: null };
        await writeAudited(parts, { ...change, after: auditedAccount(account) }, (transaction) =>
          saveAccount(transaction, account),
        );
      });
      return shownAccount(account);
    },
    updateAccount: async ({ params: { id }, body, signedIn }) => {
      const { name } = accountOrRefuse(id);
      const password =
        body.password === undefined ? null : await hashedOrRefuse(signIn.passwords, body.password, name, 'password');
      const changed = await people.change(async () => {
        const before = accountOrRefuse(id);
        const after: StoredAccount = {
          ...before,
          role: body.role ?? before.role,
          isDisabled: body.disabled ?? before.isDisabled,
          ...(password === null ? {} : { password, passwordChangedAtMs: parts.now() }),
        };
        refuseLastAdministrator(id, after);
        const change = { who: signedIn.name, action: 'update-account', subject: name };
        const [was, is] = [auditedAccount(before), { ...auditedAccount(after), passwordChanged: password !== null }];
        await writeAudited(parts, { ...change, before: was, after: is }, (transaction) =>
          saveAccount(transaction, after),
        );
        return { before, after };
      });
      const { before, after } = changed;
      const isOther = password !== null || before.role !== after.role || before.isDisabled !== after.isDisabled;
      if (isOther) sessions.endAllOf(id);
      return shownAccount(after);
    },
    removeAccount: async ({ params: { id }, signedIn }) => {
      await people.change(async () => {
        const before = accountOrRefuse(id);
        refuseLastAdministrator(id, null);
        const change = { who: signedIn.name, action: 'remove-account', subject: before.name, after: null };
        await writeAudited(parts, { ...change, before: auditedAccount(before) }, (transaction) =>
          deleteAccount(transaction, id),
        );
      });
      sessions.endAllOf(id);
    },
    endSessionsOfAccount: async ({ params: { id }, signedIn }) => {
      const { name } = accountOrRefuse(id);
      const change = { who: signedIn.name, action: 'end-sessions', subject: name, before: null, after: null };
      await writeAudited(parts, change, async () => undefined);
      sessions.endAllOf(id);
    },
  };
}

function shownAccount(account: StoredAccount): Account {
  const { id, name, role, isDisabled, createdAtMs, createdBy, passwordChangedAtMs, lastSignInMs } = account;
  return { id, name, role, disabled: isDisabled, createdAtMs, createdBy, passwordChangedAtMs, lastSignInMs };
}

/** What the audit trail may say of an account: nothing of its password. */
function auditedAccount({ name, role, isDisabled }: StoredAccount) {
  return { name, role, disabled: isDisabled };
}
