import { packageKeyOf } from '../../shared/base/hashing.ts';
import type { PackageGuid } from '../../shared/base/ids.ts';

const guid = '00000000-0000-4000-8000-000000000001' as PackageGuid;
const version = '1.0';

/** As the stores have a package of one block. */
export const storedPackage = {
  key: packageKeyOf(guid, version),
  guid,
  version,
  name: 'N',
  files: 1,
  totalSizeBytes: 1,
  blockCount: 1,
  createdAtMs: 1,
  withdrawnAtMs: null,
};
