import { openDatabaseAccess } from '../../electron/database/database-access.ts';
import { storesContract } from './stores.contract.ts';

storesContract('embedded SQLite', () => openDatabaseAccess({ file: ':memory:' }));
