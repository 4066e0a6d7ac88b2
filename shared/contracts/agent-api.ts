import { z } from 'zod';
import { agentPackageSettingsSchema } from './agent-package.ts';
import { locationTypeSchema } from './conditions.ts';
import { deliveryPlanSchema } from './deliveries.ts';
import { sourceKindSchema } from './journal.ts';
import { deliveryPrioritySchema } from './package-state.ts';
import { peerAddressSchema } from './peer-api.ts';
import {
  agentIdSchema,
  base64Schema,
  byteCountSchema,
  cidrSchema,
  packageGuidSchema,
  packageKeySchema,
  packageVersionSchema,
  serverIdSchema,
  wallTimeMsSchema,
} from './primitives.ts';
import { agentSettingsSchema } from './settings.ts';
import { signedWithdrawalSchema } from './withdrawal.ts';

/** Interface between an agent and its Notification Server: `/agent/v1` on the agents' listener. */

/** `fanout1.<base64url SHA-256 of the CA's public key (SPKI DER)>.<base64url secret>` */
export const joinTokenPattern = /^fanout1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{16,86})$/;

export const enrolRequestSchema = z.object({
  /** The secret part of the join token, sent only after the CA key was checked against its first part. */
  secret: z.string().min(16).max(86),
  /** Certificate signing request, PEM; its key becomes the agent's identity. The subject is ignored. */
  csrPem: z.string().min(1).max(8192),
  name: z.string().min(1).max(64),
  /** Sent again by an agent that enrols anew and still has its old identity; refused if the id is another key's. */
  previousAgentId: agentIdSchema.optional(),
});
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;

export const enrolAnswerSchema = z.object({
  agentId: agentIdSchema,
  serverId: serverIdSchema,
  certificatePem: z.string(),
  caCertificatePem: z.string(),
  /** Ed25519 public key (SPKI DER, base64) that snapshots are signed with: pinned from now on. */
  snapshotPublicKey: base64Schema,
  installationEpoch: z.number().int().min(1),
});
export type EnrolAnswer = z.infer<typeof enrolAnswerSchema>;

/**
 * `POST /agent/v1/re-enrol`, over the agent's own certificate: an id of its own for a copy of an agent (refused as `cloned`
 * everywhere else). The key has to be a new one, because the old one is on two disks. Answered like `enrol`.
 */
export const reEnrolRequestSchema = enrolRequestSchema.pick({ csrPem: true, name: true });
export type ReEnrolRequest = z.infer<typeof reEnrolRequestSchema>;

/** `POST /agent/v1/renew`, over the agent's own certificate: a new one for the same id. Asked for at half of the validity. */
export const renewRequestSchema = z.object({ csrPem: z.string().min(1).max(8192) });

export const renewAnswerSchema = z.object({ certificatePem: z.string() });

export const groupKeySchema = z.object({
  id: z.number().int().min(1).max(0xffffffff),
  /** 32 bytes. */
  key: base64Schema,
  activateAtMs: wallTimeMsSchema,
  /** Set for a key that somebody knows who was revoked: nothing made with it counts from then on. */
  acceptUntilMs: wallTimeMsSchema.nullable(),
});
export type GroupKey = z.infer<typeof groupKeySchema>;

export const assignedDeliverySchema = z.object({
  deliveryId: z.string().min(1).max(64),
  guid: packageGuidSchema,
  version: packageVersionSchema,
  key: packageKeySchema,
  name: z.string(),
  priority: deliveryPrioritySchema,
  totalSizeBytes: byteCountSchema,
  /** Missing: download at once, and that is all. */
  plan: deliveryPlanSchema.optional(),
});
export type AssignedDelivery = z.infer<typeof assignedDeliverySchema>;

/**
 * A package that a Package Server keeps without being asked for it, and when it may fetch it on its own account. One that
 * is listed several times may be fetched whenever one of its terms lets it.
 */
export const prepositionedPackageSchema = assignedDeliverySchema
  .pick({ guid: true, version: true, key: true, name: true, totalSizeBytes: true })
  .extend({
    /** Missing: normal. */
    priority: deliveryPrioritySchema.optional(),
    /** Missing: at once. */
    availableFromMs: deliveryPlanSchema.shape.availableFromMs.optional(),
    /** In its own local time. Missing: always. */
    windows: deliveryPlanSchema.shape.downloadWindows.optional(),
  });
export type PrepositionedPackage = z.infer<typeof prepositionedPackageSchema>;

/** Of sites in a role: their subnets alone are some hundred KB. */
export const maximumInboundSites = 4096;

/** The Package Server role, for an agent that has it. */
export const packageServerRoleSchema = z.object({
  /** It serves and stores only the packages that are named here. */
  constrained: z.boolean(),
  /** KB/s to all together, 0 = unlimited. */
  maxUpload: z.number().int().min(0),
  /** Percent of the disk, instead of the policy's. */
  maxCache: z.number().int().min(1).max(100),
  /** Hours after which a package is looked up at the Notification Server again before it is served. */
  freshFor: z.number().int().min(1),
  /** Those that it keeps without being asked. */
  packages: z.array(prepositionedPackageSchema).max(10_000),
  /** What links to files of packages are signed with that it answers; null or missing: it answers none. */
  contentKey: base64Schema.nullable().optional(),
  /**
   * What leaves its site is limited together with that of the site's other Package Servers: the feed tells its share. Null or
   * missing = unlimited. Agents in `subnets` are of the site; the packages beyond limits are those of deliveries that ignore them.
   */
  outbound: z
    .object({ subnets: z.array(cidrSchema), beyondLimits: z.array(packageKeySchema).max(1000) })
    .nullable()
    .optional(),
  /**
   * What enters these sites below its own is limited together with what others send into them: the feed tells its shares. Null
   * or missing = none is.
   */
  inbound: z
    .object({
      sites: z
        .array(z.object({ siteId: z.string().min(1).max(64), subnets: z.array(cidrSchema) }))
        .max(maximumInboundSites),
      beyondLimits: z.array(packageKeySchema).max(1000),
    })
    .nullable()
    .optional(),
});
export type PackageServerRole = z.infer<typeof packageServerRoleSchema>;

/** `GET /agent/v1/configuration`, with an ETag over the whole document. The NS's time travels in `x-fanout-time-ms`. */
export const agentConfigurationSchema = z.object({
  agentId: agentIdSchema,
  serverId: serverIdSchema,
  name: z.string(),
  site: z
    .object({
      id: z.string(),
      name: z.string(),
      subnets: z.array(cidrSchema),
      wanKilobitsPerSecond: z.number().int().min(0),
      locationType: locationTypeSchema,
      /** Its subnets are one LAN. Missing in configurations that were stored before there was such a thing. */
      sharesLan: z.boolean().default(false),
      /** The site has a Package Server, online or not: it is asked for where before anybody claims. */
      hasPackageServer: z.boolean().optional(),
    })
    .nullable(),
  policy: z.object({ id: z.string(), name: z.string(), version: z.number().int().min(1) }),
  settings: agentSettingsSchema,
  agentPackage: agentPackageSettingsSchema,
  /** Previous, current and next, in the order of activation; after a revocation also those that are running out. */
  groupKeys: z.array(groupKeySchema).min(1).max(6),
  /** Certificates that are not to be accepted although they are not over yet, and the agents they name. */
  revokedSerials: z.array(z.string()).max(100_000),
  revokedAgentIds: z.array(agentIdSchema).max(100_000),
  deliveries: z.array(assignedDeliverySchema).max(10_000),
  withdrawn: z.array(signedWithdrawalSchema).max(10_000),
  packageServer: packageServerRoleSchema.nullable().optional(),
});
export type AgentConfiguration = z.infer<typeof agentConfigurationSchema>;

/** `GET /agent/v1/packages/{guid}/{version}/codebases`: where to download, best first. */
export const codebaseSchema = z.object({
  source: sourceKindSchema,
  /** `https://host:port/agent/v1` or `…/package-server/v1`; block i is at `<url>/packages/<guid>/<version>/blocks/<i>`. */
  url: z.string().url(),
  /** The certificate name to expect there, used as TLS servername. */
  certificateName: z.string(),
});
export type Codebase = z.infer<typeof codebaseSchema>;
export const codebasesAnswerSchema = z.object({ codebases: z.array(codebaseSchema).max(16) });

/**
 * `GET /agent/v1/additional-subnets`: where online agents of the asking agent's additional subnets listen, at most 32 of
 * each of 64 subnets of its site and 64 of its policy, and on Wi-Fi of up to 16 own ones. Apart from the configuration, whose ETag must not change whenever an agent comes or goes.
 */
export const subnetHintsAnswerSchema = z.object({ agents: z.array(peerAddressSchema).max(144 * 32) });
export type SubnetHintsAnswer = z.infer<typeof subnetHintsAnswerSchema>;

export const timeHeader = 'x-fanout-time-ms';

/** The agent's boot id, with each of its requests: tells a restart from a copied disk. */
export const bootHeader = 'x-fanout-boot-id';
