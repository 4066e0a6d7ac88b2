import type { Migration } from 'kysely/migration';
import { up as firstTables } from './0001-first-tables.ts';
import { up as certificatesAndAlerts } from './0002-certificates-and-alerts.ts';
import { up as siteLocationTypes } from './0003-site-location-types.ts';
import { up as siteTreeAndSchedules } from './0004-site-tree-and-schedules.ts';
import { up as people } from './0005-people.ts';
import { up as targetsAndPolicies } from './0006-targets-and-policies.ts';
import { up as packageServers } from './0007-package-servers.ts';
import { up as stagedDeliveries } from './0008-staged-deliveries.ts';
import { up as statistics } from './0009-statistics.ts';
import { up as channels } from './0010-channels.ts';
import { up as channelManifests } from './0012-channel-manifests.ts';

/** Every migration by its name; Kysely runs those that a database has not seen, in this order. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first-tables': { up: firstTables },
  '0002-certificates-and-alerts': { up: certificatesAndAlerts },
  '0003-site-location-types': { up: siteLocationTypes },
  '0004-site-tree-and-schedules': { up: siteTreeAndSchedules },
  '0005-people': { up: people },
  '0006-targets-and-policies': { up: targetsAndPolicies },
  '0007-package-servers': { up: packageServers },
  '0008-staged-deliveries': { up: stagedDeliveries },
  '0009-statistics': { up: statistics },
  '0010-channels': { up: channels },
  '0012-channel-manifests': { up: channelManifests },
};
