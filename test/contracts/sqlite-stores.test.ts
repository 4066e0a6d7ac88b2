import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { channelStoresContract } from './channel-stores.contract.ts';
import { deliveryStoresContract } from './delivery-stores.contract.ts';
import { policyStoresContract } from './policy-stores.contract.ts';
import { statisticsStoresContract } from './statistics-stores.contract.ts';
import { storesContract } from './stores.contract.ts';

storesContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
policyStoresContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
deliveryStoresContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
statisticsStoresContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
channelStoresContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
