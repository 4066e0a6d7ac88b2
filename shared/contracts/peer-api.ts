import { z } from 'zod';
import { announcedPackageStateSchema } from './package-state.ts';
import {
  agentIdSchema,
  blockRangesSchema,
  ipv4Schema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  portSchema,
} from './primitives.ts';

/** Interface between agents: `/peer/v1` over mutual TLS, HTTP/1.1, kept alive. */

export const peerAddressSchema = z.object({ agentId: agentIdSchema, address: ipv4Schema, port: portSchema });

/** `GET /peer/v1/packages` */
export const peerPackagesSchema = z.object({
  packages: z
    .array(
      z.object({
        key: packageKeySchema,
        guid: packageGuidSchema,
        version: packageVersionSchema,
        state: announcedPackageStateSchema,
        blocks: z.number().int().min(0),
        blockCount: z.number().int().min(0),
      }),
    )
    .max(1024),
});
export type PeerPackages = z.infer<typeof peerPackagesSchema>;

/** `GET /peer/v1/packages/{guid}/{version}/blocks` */
export const peerBlockMapSchema = z.object({
  epoch: z.number().int().min(0),
  blockCount: z.number().int().min(0),
  ranges: blockRangesSchema,
});
export type PeerBlockMap = z.infer<typeof peerBlockMapSchema>;

/** `POST /peer/v1/hello`: the probe. The answer's certificate proves identity; the body tells the rest. */
export const peerHelloSchema = z.object({
  agentId: agentIdSchema,
  name: z.string().max(64),
  bootId: z.number().int().min(0),
});
export type PeerHello = z.infer<typeof peerHelloSchema>;

/** Body of a 503 to a block request (with Retry-After): other holders of the block that may have a free slot. */
export const peerBusySchema = z.object({
  code: z.enum([
    'busy',
    'block-busy',
    'installing',
    'not-serving',
    'not-available',
    'peer-downloading-off',
    'stopping',
  ]),
  retryAfterMs: z.number().int().min(0).max(600_000),
  others: z.array(peerAddressSchema).max(5),
});
export type PeerBusy = z.infer<typeof peerBusySchema>;
