import type { FastifyReply, FastifyRequest } from 'fastify';
import type {
  ConsoleRouteName,
  consoleRoutes,
  RouteAnswer,
  RouteBody,
  RouteParams,
  RouteQuery,
} from '../../../shared/contracts/console-routes.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import type { WriteTransaction } from '../../database/write-batcher.ts';
import { noteChange } from '../audit/request-changes.ts';
import type { SignedIn } from '../people/callers.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ListInTurns } from './json-in-turns.ts';
import type { OrganisationViews } from './organisation-views.ts';

/** A request of a route: its parts are parsed, and somebody is signed in unless the route is for anybody. */
export interface ConsoleHandlerCall<Name extends ConsoleRouteName> {
  readonly params: RouteParams<Name>;
  readonly query: RouteQuery<Name>;
  readonly body: RouteBody<Name>;
  readonly signedIn: (typeof consoleRoutes)[Name]['access'] extends 'anybody' ? null : SignedIn;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What a route answers; a long list may be made while it is sent. */
export type HandlerAnswer<Name extends ConsoleRouteName> =
  | RouteAnswer<Name>
  | (RouteAnswer<Name> extends readonly (infer Element)[] ? ListInTurns<Element> : never);

export type ConsoleHandler<Name extends ConsoleRouteName> = (
  call: ConsoleHandlerCall<Name>,
) => HandlerAnswer<Name> | Promise<HandlerAnswer<Name>>;

export type ConsoleHandlers = { readonly [Name in ConsoleRouteName]: ConsoleHandler<Name> };

export interface HandlerParts extends ServerParts {
  readonly views: OrganisationViews;
}

export interface Change {
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Writes a change together with its entry in the audit trail: there is no one without the other. */
export async function writeAudited(
  parts: ServerParts,
  change: Change,
  write: (transaction: WriteTransaction) => Promise<void>,
): Promise<void> {
  const id = await parts.writes.write(async (transaction) => {
    await write(transaction);
    return insertAuditEntry(transaction, { atMs: parts.now(), ...change });
  });
  noteChange({ id, action: change.action });
}
