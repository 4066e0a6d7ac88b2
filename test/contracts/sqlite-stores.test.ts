import { openDatabase } from '../../electron/database/database.ts';
import { storesContract } from './stores.contract.ts';

storesContract('embedded SQLite', () => openDatabase(':memory:'));
