import { z } from 'zod';
import type { PackageGuid } from '../base/ids.ts';
import type { ConsoleRoute } from './console-routes.ts';
import { packagePathProblem } from './package-path.ts';
import { byteCountSchema, packageGuidSchema, packageVersionSchema, wallTimeMsSchema } from './primitives.ts';

/** `/content/<guid>/<version>/<path>`: one file of a package, for any HTTP client, at the Notification Server and at Package Servers. */

export const contentAccessSchema = z.object({
  /** `off`: nobody; `links`: agents, and who has a signed link; `anyone`: whoever reaches the listener of agents. */
  access: z.enum(['off', 'links', 'anyone']),
});
export type ContentAccess = z.infer<typeof contentAccessSchema>;
export const defaultContentAccess: ContentAccess = { access: 'links' };

export interface ContentFile {
  readonly guid: PackageGuid;
  readonly version: string;
  readonly path: string;
}

export interface ContentGrant {
  /** Seconds since 1970: no answer begins later. */
  readonly expiresAtSeconds: number;
  /** Where the file lies in the content of the package: a Package Server need not know that before it has it. */
  readonly section: { readonly offsetBytes: number; readonly sizeBytes: number } | null;
}

export interface ContentRequestLine extends ContentFile {
  readonly signed: { readonly grant: ContentGrant; readonly signature: string } | null;
}

const linePattern = /^\/content\/([0-9a-f-]{36})\/([A-Za-z0-9._+-]{1,64})\/([^?#]{1,3072})(?:\?([^#]{1,300}))?$/;
const queryPattern = /^(?:offset=(\d{1,16})&size=(\d{1,16})&)?expires=(\d{1,10})&signature=([A-Za-z0-9_-]{43})$/;

/** Null where it is none: wrong, or a path that no package can have. Never throws. */
export function parseContentLine(url: string): ContentRequestLine | null {
  const match = linePattern.exec(url);
  const path = decodedPath(match?.[3] ?? '');
  if (match === null || path === null || packagePathProblem(path) !== null) return null;
  const file = { guid: match[1] as PackageGuid, version: match[2] ?? '', path };
  if (match[4] === undefined) return { ...file, signed: null };
  const query = queryPattern.exec(match[4]);
  if (query === null) return null;
  const [, offset, size, expires, signature = ''] = query;
  const section =
    offset === undefined || size === undefined ? null : { offsetBytes: Number(offset), sizeBytes: Number(size) };
  if (section !== null && !Number.isSafeInteger(section.offsetBytes + section.sizeBytes)) return null;
  return { ...file, signed: { grant: { expiresAtSeconds: Number(expires), section }, signature } };
}

/** Path and query of a signed link. */
export function contentLine(file: ContentFile, grant: ContentGrant, signature: string): string {
  const path = file.path.split('/').map(encodeURIComponent).join('/');
  const section = grant.section === null ? '' : `offset=${grant.section.offsetBytes}&size=${grant.section.sizeBytes}&`;
  const query = `${section}expires=${grant.expiresAtSeconds}&signature=${signature}`;
  return `/content/${file.guid}/${file.version}/${path}?${query}`;
}

/** What HMAC-SHA-256 is taken of. A path has no line feed, so that nothing can be shifted from one line to another. */
export function signedText({ guid, version, path }: ContentFile, { expiresAtSeconds, section }: ContentGrant): string {
  const where = section === null ? '-' : `${section.offsetBytes} ${section.sizeBytes}`;
  return `fanout-content-v1\n${guid}\n${version}\n${path}\n${expiresAtSeconds}\n${where}\n`;
}

/** A version of a package never changes, so that its key and the path say which bytes these are. */
export function contentEtag(
  key: string,
  section: { readonly offsetBytes: number; readonly sizeBytes: number },
): string {
  return `"${key}-${section.offsetBytes}-${section.sizeBytes}"`;
}

function decodedPath(text: string): string | null {
  try {
    const parts = text.split('/').map(decodeURIComponent);
    return parts.some((part) => part.includes('/')) ? null : parts.join('/');
  } catch {
    // A broken escape: there is no such file.
    return null;
  }
}

const byPackage = z.object({ guid: packageGuidSchema, version: packageVersionSchema });

const contentLinkSchema = z.object({
  path: z.string(),
  url: z.string(),
  sizeBytes: byteCountSchema,
  expiresAtMs: wallTimeMsSchema,
});

export const contentRoutes = {
  contentAccess: {
    method: 'GET',
    access: 'read',
    path: '/content-access',
    summary: 'Who may fetch files of packages over plain links',
    answer: contentAccessSchema,
  },
  updateContentAccess: {
    method: 'PUT',
    access: 'administrator',
    path: '/content-access',
    summary: 'Say who may fetch files of packages over plain links',
    body: contentAccessSchema,
    answer: contentAccessSchema,
  },
  createContentLink: {
    method: 'POST',
    access: 'administrator',
    path: '/packages/:guid/:version/links',
    summary: 'Sign a link to a file of a package, for whoever is given it',
    params: byPackage,
    body: z.object({
      /** May be left out where the package has one file. */
      path: z.string().min(1).max(1024).optional(),
      validForMinutes: z
        .number()
        .int('Enter a whole number of minutes.')
        .min(1, 'Enter one minute or more.')
        .max(43_200, 'Enter 43,200 minutes (30 days) or less.')
        .default(60),
    }),
    answer: contentLinkSchema,
  },
} as const satisfies Record<string, ConsoleRoute>;
