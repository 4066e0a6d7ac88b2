import { z } from 'zod';
import type { AgentId, PackageGuid, PackageKey, ServerId } from '../base/ids.ts';
import { isAgentId, isPackageGuid, isPackageKey, isServerId } from '../base/ids.ts';
import { parseCidr, parseIpv4 } from '../base/ipv4.ts';

export const agentIdSchema = z
  .string()
  .refine((text): text is AgentId => isAgentId(text), 'not an agent id (32 hexadecimal digits)');
export const serverIdSchema = z
  .string()
  .refine((text): text is ServerId => isServerId(text), 'not a server id (32 hexadecimal digits)');
export const packageGuidSchema = z
  .string()
  .refine((text): text is PackageGuid => isPackageGuid(text), 'not a package GUID (a lower-case UUID)');
export const packageKeySchema = z
  .string()
  .refine((text): text is PackageKey => isPackageKey(text), 'not a package key (40 hexadecimal digits)');

export const packageVersionSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/,
    'a version has 1–64 letters, digits, dots, dashes, plus signs or underscores',
  );

export const ipv4Schema = z.string().refine((text) => parseIpv4(text) !== null, 'not an IPv4 address such as 10.1.2.3');
export const cidrSchema = z
  .string()
  .refine((text) => parseCidr(text) !== null, 'not a subnet such as 10.1.2.0/24 (host bits must be zero)');
export const portSchema = z.number().int().min(1).max(65535);
export const sha256HexSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hexadecimal digits');
export const base64Schema = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/, 'not base64');
export const byteCountSchema = z.number().int().min(0);
/** The last moment that a `Date` knows; whatever is made of a later one fails. */
const lastTimeMs = 8_640_000_000_000_000;
/** Milliseconds since 1970, UTC. */
export const wallTimeMsSchema = z.number().int().min(0).max(lastTimeMs);
/** Half-open runs of block numbers. */
export const blockRangesSchema = z.array(z.tuple([z.number().int().min(0), z.number().int().min(0)])).max(8192);
