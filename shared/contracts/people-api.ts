import { z } from 'zod';

/** What somebody may do, the least first; each may do what those before it may. A role is the scope of its name. */
export const scopes = ['read', 'helpdesk', 'administrator'] as const;
export const scopeSchema = z.enum(scopes);
export type Scope = z.infer<typeof scopeSchema>;

/** Who may call a route: anybody at all, whoever is signed in (about themselves only), or the least scope. */
export type RouteAccess = 'anybody' | 'self' | Scope;

/** Whether somebody who is signed in with this scope may call a route. */
export function isAllowed(scope: Scope, access: RouteAccess): boolean {
  if (access === 'anybody' || access === 'self') return true;
  return scopes.indexOf(scope) >= scopes.indexOf(access);
}
