import { z } from 'zod';
import { wallTimeMsSchema } from './primitives.ts';

/** What a person is for: everything, or looking at everything and asking agents to report or retry. */
export const roleSchema = z.enum(['administrator', 'helpdesk']);
export type Role = z.infer<typeof roleSchema>;

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

/** Without spaces, so that no account or token can look like what the server itself writes into the audit trail. */
export const personNameSchema = z
  .string()
  .trim()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u,
    'Use 1 to 64 letters, digits, dots, dashes, underscores or @; the first is a letter or digit.',
  );
/** Two names are the same for people who type them, whatever their case and the form of their letters. */
export function accountNameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/** Only bounded here: what a new password has to be depends on the account's name (shared/server/password-rules.ts). */
const passwordSchema = z.string().min(1, 'Enter the password.').max(1024, 'Use at most 256 characters.');

export const signInRequestSchema = z.object({ token: z.string().min(16).max(200) });
export const passwordSignInSchema = z.object({
  // As it is typed: a name that cannot be is as unknown as any other.
  name: z.string().trim().min(1, 'Enter your name.').max(200),
  password: passwordSchema,
});
export const sessionSchema = z.object({
  name: z.string(),
  role: scopeSchema,
  /** An account, the local administrator (one-time link, or the token of `server.json`), or an API token. */
  kind: z.enum(['account', 'local', 'token']),
  serverName: z.string(),
  productVersion: z.string(),
});
export type Session = z.infer<typeof sessionSchema>;
export const ownPasswordSchema = z.object({ currentPassword: passwordSchema, newPassword: passwordSchema });

export const accountSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  disabled: z.boolean(),
  createdAtMs: wallTimeMsSchema,
  createdBy: z.string(),
  passwordChangedAtMs: wallTimeMsSchema,
  lastSignInMs: wallTimeMsSchema.nullable(),
});
export type Account = z.infer<typeof accountSchema>;
export const accountDraftSchema = z.object({ name: personNameSchema, role: roleSchema, password: passwordSchema });
/** What is missing stays. */
export const accountUpdateSchema = z
  .object({
    role: roleSchema.optional(),
    disabled: z.boolean().optional(),
    password: passwordSchema.optional(),
  })
  .refine((update) => Object.values(update).some((value) => value !== undefined), {
    path: ['role'],
    error: 'Say what to change: role, disabled or password.',
  });

export const apiTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  scope: scopeSchema,
  createdAtMs: wallTimeMsSchema,
  createdBy: z.string(),
  expiresAtMs: wallTimeMsSchema,
  /** To the minute. */
  lastUsedMs: wallTimeMsSchema.nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;
export const apiTokenDraftSchema = z.object({
  name: personNameSchema,
  scope: scopeSchema,
  expiresInDays: z.number().int().min(1, 'Enter 1 to 365 days.').max(365, 'Enter 1 to 365 days.'),
});
/** The only answer that has the token itself. */
export const createdApiTokenSchema = apiTokenSchema.extend({ token: z.string() });

export const openSessionSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: scopeSchema,
  createdAtMs: wallTimeMsSchema,
  lastUsedMs: wallTimeMsSchema,
  /** Without another request until then. */
  expiresAtMs: wallTimeMsSchema,
  address: z.string(),
  /** What the browser calls itself. */
  client: z.string(),
  /** The one that asks. */
  isOwn: z.boolean(),
});
export type OpenSession = z.infer<typeof openSessionSchema>;
