import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';

export interface ObservedRoute {
  readonly method: string;
  readonly url: string;
}

/**
 * Every route that any listener of this process registers from now on: what is really there, whatever a table says. Answers
 * to HEAD come with those to GET.
 */
export function observeRoutes(): { readonly routes: readonly ObservedRoute[]; stop(): void } {
  const routes: ObservedRoute[] = [];
  const onInstance = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') routes.push({ method: one, url });
    });
  };
  subscribe('fastify.initialization', onInstance);
  return { routes, stop: () => unsubscribe('fastify.initialization', onInstance) };
}
