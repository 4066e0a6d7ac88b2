import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useStore } from 'zustand';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../shared/contracts/console-routes.ts';
import { consoleRoutes } from '../../shared/contracts/console-routes.ts';
import { isAllowed } from '../../shared/contracts/people-api.ts';
import { questionOf } from '../api/answers.ts';
import { messageOf } from '../api/console-client.ts';
import { sessionStore } from '../stores/session-store.ts';

export interface Answer<Data> {
  /** The newest that is known; null until the first came. */
  readonly data: Data | null;
  /** Why the newest question was not answered; what was known before stays. */
  readonly problem: string | null;
  /** The part of `problem` that is about what was asked for: it would be refused again. */
  readonly refusal: string | null;
  readonly isAsking: boolean;
  /** `data` answers the question of before, while the new one is being asked. */
  readonly isOfBefore: boolean;
  askAgain(): void;
}

interface AnswerOptions {
  /** Asked again after so long while the page is open. */
  readonly everyMs?: number;
  /** False: not asked yet, because something is missing. */
  readonly isAsked?: boolean;
}

/** The answer to a call without consequences. While parameters change, the answer of before stays on the screen. */
export function useAnswer<Name extends ConsoleRouteName>(
  name: Name,
  call: ConsoleCall<Name>,
  { everyMs, isAsked = true }: AnswerOptions = {},
): Answer<RouteAnswer<Name>> {
  const query = useQuery({
    ...questionOf(name, call),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    ...(everyMs === undefined ? {} : { refetchInterval: everyMs }),
  });
  return {
    data: (query.data as RouteAnswer<Name> | undefined) ?? null,
    problem: query.error === null ? null : messageOf(query.error),
    refusal: refusalOf(query.error),
    isAsking: query.isFetching,
    isOfBefore: query.isPlaceholderData,
    askAgain: () => void query.refetch(),
  };
}

function refusalOf(error: Error | null): string | null {
  if (!(error instanceof ConsoleRequestError) || (error.status !== 400 && error.status !== 404)) return null;
  return error.details.fields?.[0]?.message ?? error.message;
}

/** Whether whoever is signed in may call a route. Controls that would be refused are not shown; the server refuses anyway. */
export function useMay(name: ConsoleRouteName): boolean {
  return useStore(
    sessionStore,
    ({ state }) => state.kind === 'signed-in' && isAllowed(state.session.role, consoleRoutes[name].access),
  );
}
