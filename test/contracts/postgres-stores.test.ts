import { afterAll, beforeAll, describe } from 'vitest';
import { postgresAccess } from '../support/postgres-access.ts';
import { isPostgresMissing, PostgresServer } from '../support/postgres-server.ts';
import { channelStoresContract } from './channel-stores.contract.ts';
import { deliveryStoresContract } from './delivery-stores.contract.ts';
import { policyStoresContract } from './policy-stores.contract.ts';
import { statisticsStoresContract } from './statistics-stores.contract.ts';
import { storesContract } from './stores.contract.ts';

describe.skipIf(isPostgresMissing())('with a PostgreSQL server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.stop());

  storesContract('PostgreSQL', async () => postgresAccess(await server.createDatabase()));
  policyStoresContract('PostgreSQL', async () => postgresAccess(await server.createDatabase()));
  deliveryStoresContract('PostgreSQL', async () => postgresAccess(await server.createDatabase()));
  statisticsStoresContract('PostgreSQL', async () => postgresAccess(await server.createDatabase()));
  channelStoresContract('PostgreSQL', async () => postgresAccess(await server.createDatabase()));
});
