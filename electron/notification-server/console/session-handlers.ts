import { hostname } from 'node:os';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenSession, Session } from '../../../shared/contracts/people-api.ts';
import type { StoredAccount } from '../../database/stores/account-store.ts';
import { saveAccount } from '../../database/stores/account-store.ts';
import type { Callers, SignedIn } from '../people/callers.ts';
import type { People } from '../people/people.ts';
import type { SessionOrigin, Sessions } from '../people/sessions.ts';
import { endOf } from '../people/sessions.ts';
import type { SignIn } from '../people/sign-in.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';
import { hashedOrRefuse } from './password-field.ts';

export interface PeopleParts {
  readonly people: People;
  readonly sessions: Sessions;
  readonly callers: Callers;
  readonly signIn: SignIn;
  readonly cookieName: () => string;
  /** A link that is valid once within 10 minutes. */
  readonly makeSignInLink: () => string;
}

type SessionRoutes =
  | 'signIn'
  | 'signInWithPassword'
  | 'session'
  | 'signOut'
  | 'signOutEverywhere'
  | 'changeOwnPassword'
  | 'signInLink'
  | 'sessions'
  | 'endSession';

const longestClient = 200;

/** Signing in and out, and what people do about themselves. */
export function sessionHandlers(parts: HandlerParts, who: PeopleParts): Pick<ConsoleHandlers, SessionRoutes> {
  const { people, sessions, callers, signIn } = who;
  const shown = ({ name, role, kind }: SignedIn): Session => ({
    name,
    role,
    kind,
    serverName: hostname(),
    productVersion: parts.productVersion,
  });
  const setCookie = (reply: FastifyReply, value: string, more = ''): void => {
    void reply.header('set-cookie', `${who.cookieName()}=${value}; Path=/; HttpOnly; SameSite=Strict${more}`);
  };
  const welcome = (reply: FastifyReply, { session, cookie }: ReturnType<Sessions['open']>): Session => {
    const signedIn = callers.ofSession(session);
    if (signedIn === null) throw new Refusal('not-signed-in', 'The account was disabled or removed just now.');
    setCookie(reply, cookie);
    return shown(signedIn);
  };
  const shownSession = (asking: SignedIn): OpenSession[] =>
    sessions.list().flatMap((session) => {
      const signedIn = callers.ofSession(session);
      if (signedIn === null) return [];
      const { id, createdAtMs, lastUsedMs, address, client } = session;
      const isOwn = asking.session?.id === id;
      const { name, role } = signedIn;
      return [{ id, name, role, createdAtMs, lastUsedMs, expiresAtMs: endOf(session), address, client, isOwn }];
    });

  return {
    signIn: async ({ body, request, reply }) => welcome(reply, await signIn.byLink(body.token, originOf(request))),
    signInWithPassword: async ({ body, request, reply }) =>
      welcome(reply, await signIn.byPassword(body.name, body.password, originOf(request))),
    session: ({ signedIn }) => shown(signedIn),
    signOut: ({ signedIn: { session }, reply }) => {
      if (session !== null) sessions.end(session.id);
      setCookie(reply, '', '; Max-Age=0');
    },
    signOutEverywhere: async ({ signedIn, reply }) => {
      if (signedIn.session === null) throw new Refusal('forbidden', 'A token is not signed in; revoke it instead.');
      const change = { who: signedIn.name, action: 'sign-out-everywhere', subject: signedIn.name };
      await writeAudited(parts, { ...change, before: null, after: null }, async () => undefined);
      sessions.endAllOf(signedIn.accountId);
      setCookie(reply, '', '; Max-Age=0');
    },
    changeOwnPassword: async ({ body, signedIn, request }) => {
      const account = signedIn.session === null ? null : ownAccount(people, signedIn);
      if (account === null) {
        throw new Refusal('forbidden', 'Only who is signed in with an account has a password of their own.');
      }
      await signIn.requireOwnPassword(account, body.currentPassword, originOf(request));
      const password = await hashedOrRefuse(signIn.passwords, body.newPassword, account.name, 'newPassword');
      await people.change(async () => {
        const current = people.account(account.id);
        if (current?.password.hashBase64 !== account.password.hashBase64) {
          throw new Refusal('conflict', 'The password was changed by somebody else just now.');
        }
        const change = { who: signedIn.name, action: 'change-own-password', subject: account.name };
        await writeAudited(parts, { ...change, before: null, after: null }, (transaction) =>
          saveAccount(transaction, { ...current, password, passwordChangedAtMs: parts.now() }),
        );
      });
      sessions.endAllOf(account.id, signedIn.session?.id ?? null);
    },
    signInLink: () => ({ url: who.makeSignInLink() }),
    sessions: ({ signedIn }) => shownSession(signedIn),
    endSession: async ({ params: { id }, signedIn }) => {
      const session = shownSession(signedIn).find((candidate) => candidate.id === id);
      if (session === undefined) throw new Refusal('not-found', 'There is no such session.');
      const { name, address, client } = session;
      const change = { who: signedIn.name, action: 'end-session', subject: name, before: { address, client } };
      await writeAudited(parts, { ...change, after: null }, async () => undefined);
      sessions.end(id);
    },
  };
}

function ownAccount(people: People, { accountId }: SignedIn): StoredAccount | null {
  return accountId === null ? null : people.account(accountId);
}

function originOf(request: FastifyRequest): SessionOrigin {
  return { address: request.ip, client: (request.headers['user-agent'] ?? '').slice(0, longestClient) };
}
