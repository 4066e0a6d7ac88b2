import { expect, it } from 'vitest';
import { openApiDocument } from '../../electron/notification-server/console/openapi.ts';
import type { ConsoleRoute } from '../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import { isAllowed, scopes } from '../../shared/contracts/people-api.ts';

const routes = Object.entries<ConsoleRoute>(consoleRoutes);

it('everything can be read by a reader', () => {
  const closed = routes.filter(([, { method, access }]) => method === 'GET' && !isAllowed('read', access));
  expect(closed.map(([name]) => name)).toEqual([]);
});

it('only administrators change anything, but for what is listed here', () => {
  const forMore = routes.filter(([, { method, access }]) => method !== 'GET' && access !== 'administrator');
  expect(forMore.map(([name, { access }]) => `${name}: ${access}`)).toEqual([
    'signIn: anybody',
    'signInWithPassword: anybody',
    'signOut: self',
    'signOutEverywhere: self',
    'changeOwnPassword: self',
    'reportNow: helpdesk',
    'retryNow: helpdesk',
    'previewTarget: read',
    'startSimulation: helpdesk',
    'cancelSimulation: helpdesk',
  ]);
});

it('a scope contains those before it and none after', () => {
  const table = scopes.map((scope) => scopes.filter((least) => isAllowed(scope, least)));
  expect(table).toEqual([['read'], ['read', 'helpdesk'], ['read', 'helpdesk', 'administrator']]);
});

it('OpenAPI says of each route what it needs', () => {
  const { paths } = openApiDocument('0.0.0');
  const told = Object.values(paths ?? {}).flatMap((path) =>
    Object.values(path as Record<string, { operationId: string; security: { bearer: string[] }[] }>).map(
      ({ operationId, security }) => [operationId, security[0]?.bearer.join() ?? 'anybody'],
    ),
  );
  const expected = routes.map(([name, { access }]) => [name, access === 'self' ? '' : access]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
});
