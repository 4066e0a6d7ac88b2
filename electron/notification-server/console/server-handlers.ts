import { hostname } from 'node:os';
import { newestAuditEntries } from '../../database/stores/audit-store.ts';
import { Refusal } from '../refusal.ts';
import { agentDetail, agentOrRefuse, agentSummaries } from './agent-views.ts';
import { cookieOf } from './console-guard.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import type { Sessions, SignedIn } from './sessions.ts';

type ServerRoutes =
  | 'signIn'
  | 'session'
  | 'signOut'
  | 'signInLink'
  | 'overview'
  | 'agents'
  | 'agent'
  | 'reportNow'
  | 'joinToken'
  | 'fleet'
  | 'setFleetConditions'
  | 'fleetUserAction'
  | 'audit';

export interface SessionParts {
  readonly sessions: Sessions;
  readonly cookieName: () => string;
  /** A link that is valid once within 10 minutes. */
  readonly makeSignInLink: () => string;
}

const shownAuditEntries = 500;

/** Who is signed in, agents, traffic, and what belongs to the server itself. */
export function serverHandlers(parts: HandlerParts, session: SessionParts): Pick<ConsoleHandlers, ServerRoutes> {
  const shown = ({ name, role }: SignedIn) => ({
    name,
    role,
    serverName: hostname(),
    productVersion: parts.productVersion,
  });
  const cookie = (value: string, more: string): string =>
    `${session.cookieName()}=${value}; Path=/; HttpOnly; SameSite=Strict${more}`;

  return {
    signIn: ({ body: { token }, reply }) => {
      const id = session.sessions.signIn(token);
      if (id === null) {
        throw new Refusal('not-signed-in', 'This sign-in link was used already or is older than 10 minutes.');
      }
      void reply.header('set-cookie', cookie(id, ''));
      return shown({ name: 'administrator', role: 'administrator' });
    },
    session: ({ signedIn }) => shown(signedIn),
    signOut: ({ request, reply }) => {
      const id = cookieOf(request.headers, session.cookieName());
      if (id !== null) session.sessions.signOut(id);
      void reply.header('set-cookie', cookie('', '; Max-Age=0'));
    },
    signInLink: () => ({ url: session.makeSignInLink() }),

    overview: () => parts.views.overview(),
    agents: () => agentSummaries(parts),
    agent: ({ params }) => agentDetail(parts, agentOrRefuse(parts, params.agentId)),
    reportNow: ({ params }) => {
      const record = agentOrRefuse(parts, params.agentId);
      if (!parts.feeds.send(record.agentId, { kind: 'report-now' })) {
        throw new Refusal('not-available', `${record.name} is not online.`);
      }
    },

    joinToken: async ({ signedIn }) => {
      const { joinToken, expiresAtMs } = await parts.tokens.make(parts.now(), signedIn.name);
      return { joinToken, serverUrl: parts.agentUrl, expiresAtMs };
    },
    fleet: () => parts.fleet()?.status() ?? { running: false, agents: [] },
    setFleetConditions: ({ params: { name }, body }) => {
      const fleet = parts.fleet();
      if (fleet?.setConditions(name, body) !== true) throw noEmbeddedAgent(name);
      return fleet.status();
    },
    fleetUserAction: async ({ params: { name }, body: { action } }) => {
      const answer = await parts.fleet()?.userAction(name, action);
      if (answer == null) throw noEmbeddedAgent(name);
      return answer;
    },
    audit: () => newestAuditEntries(parts.database, shownAuditEntries),
  };
}

function noEmbeddedAgent(name: string): Refusal {
  return new Refusal('not-found', `There is no embedded agent called ${name}.`);
}
