import { QueryClient } from '@tanstack/react-query';
import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../shared/contracts/console-routes.ts';
import { callConsole } from './console-client.ts';

const retries = 2;
/** What another page asked for moments ago is not asked for again. */
const freshMs = 2000;

/** Answers of the console interface that no feed repeats: reports, audit trail, accounts, channels, sites. */
export const answers = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      refetchOnWindowFocus: true,
      // What the server refused it refuses again; only a server that is away may come back.
      retry: (failures, error) => failures < retries && error instanceof ConsoleRequestError && error.status === 0,
    },
  },
});

/** A call as one question: the same route with the same parameters has one answer on the screen. */
export function questionOf<Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>) {
  return {
    queryKey: [name, call] as const,
    queryFn: (): Promise<RouteAnswer<Name>> => callConsole(name, call),
  };
}

/** Something was changed: whatever these routes told before is asked for again where it is shown. */
export function askAgain(...names: readonly ConsoleRouteName[]): void {
  for (const name of names) void answers.invalidateQueries({ queryKey: [name] });
}

/** Somebody else may sign in next. */
export function forgetAnswers(): void {
  answers.clear();
}
