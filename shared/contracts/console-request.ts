import type { z } from 'zod';
import type {
  ConsoleRoute,
  ConsoleRouteName,
  RouteAnswer,
  RouteBodyInput,
  RouteParams,
  RouteQuery,
} from './console-routes.ts';
import { consoleRoutes } from './console-routes.ts';
import type { ApiError } from './errors.ts';
import { apiErrorSchema } from './errors.ts';

export const consoleApiPrefix = '/api/v1';

type Present<Part extends string, Value> = [Value] extends [undefined] ? unknown : { readonly [Key in Part]: Value };
/** A query of which nothing is needed need not be there. */
type PresentQuery<Value> = Record<never, never> extends Value ? { readonly query?: Value } : Present<'query', Value>;
/** What a call of the route needs: only the parts that the route has. */
export type ConsoleCall<Name extends ConsoleRouteName> = Present<'params', RouteParams<Name>> &
  PresentQuery<RouteQuery<Name>> &
  Present<'body', RouteBodyInput<Name>>;

export interface ConsoleHttpRequest {
  readonly method: ConsoleRoute['method'];
  /** With `/api/v1` and the query. */
  readonly path: string;
  /** JSON, or undefined where the route has no body. */
  readonly body: string | undefined;
}

/** The console calls its server through this function and `parseConsoleAnswer` alone, over `fetch` or anything else. */
export function consoleRequest<Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>): ConsoleHttpRequest {
  const route: ConsoleRoute = consoleRoutes[name];
  const parts = call as { params?: Record<string, string>; query?: Record<string, string | undefined>; body?: unknown };
  const path = route.path.replace(/:([A-Za-z]+)/g, (_whole, parameter: string) =>
    encodeURIComponent(parts.params?.[parameter] ?? ''),
  );
  const query = Object.entries(parts.query ?? {})
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    method: route.method,
    path: `${consoleApiPrefix}${path}${query === '' ? '' : `?${query}`}`,
    body: parts.body === undefined ? undefined : JSON.stringify(parts.body),
  };
}

/** Thrown by consoles for every answer that is not a success. */
export class ConsoleRequestError extends Error {
  override readonly name = 'ConsoleRequestError';
  readonly status: number;
  readonly details: ApiError;

  constructor(status: number, details: ApiError) {
    super(details.message);
    this.status = status;
    this.details = details;
  }
}

/** The parsed answer; throws `ConsoleRequestError` where the server refused or answered something else. */
export function parseConsoleAnswer<Name extends ConsoleRouteName>(
  name: Name,
  status: number,
  body: unknown,
): RouteAnswer<Name> {
  const route: ConsoleRoute = consoleRoutes[name];
  if (status < 200 || status > 299) {
    const refusal = apiErrorSchema.safeParse(body);
    throw new ConsoleRequestError(
      status,
      refusal.success
        ? refusal.data.error
        : { code: 'internal', message: `The server answered ${status} without saying why.` },
    );
  }
  const schema: z.ZodType | undefined = route.answer;
  if (schema === undefined) return undefined as RouteAnswer<Name>;
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    throw new ConsoleRequestError(status, {
      code: 'internal',
      message: `The server's answer to ${route.method} ${route.path} has another form than this version expects. Reload the console.`,
    });
  }
  return parsed.data as RouteAnswer<Name>;
}
