import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { policyStoresContract } from './policy-stores.contract.ts';
import { storesContract } from './stores.contract.ts';

storesContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
policyStoresContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
