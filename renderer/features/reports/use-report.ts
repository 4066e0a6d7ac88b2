import type { ConsoleCall } from '../../../shared/contracts/console-request.ts';
import type { RouteAnswer } from '../../../shared/contracts/console-routes.ts';
import type { reportRoutes } from '../../../shared/contracts/reports-api.ts';
import { useNowMs } from '../../components/hooks.ts';
import { type Answer, useAnswer } from '../../components/use-answer.ts';
import { type ReportAddress, reportQuery } from './report-address.ts';
import type { KnownNames } from './report-words.ts';

export interface ReportProps {
  readonly address: ReportAddress;
  readonly known: KnownNames;
}

type ReportRoute = keyof typeof reportRoutes;

const refreshMs = 60_000;

/** The report that an address asks for, made again every minute while it is open. */
export function useReport<Name extends ReportRoute>(
  name: Name,
  address: ReportAddress,
  more: Readonly<Record<string, string>> = {},
  isAsked = true,
): Answer<RouteAnswer<Name>> {
  const query = { ...reportQuery(address, useNowMs()), ...more };
  // Filters of an address are text; the server says which of them it does not know.
  return useAnswer(name, { query } as unknown as ConsoleCall<Name>, { everyMs: refreshMs, isAsked });
}
