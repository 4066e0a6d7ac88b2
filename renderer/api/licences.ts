import { type LicencesFile, licencesFileSchema } from '../../shared/contracts/licences-file.ts';

/** The list that the build has put beside this page. Rejects with a sentence. */
export async function readLicences(): Promise<LicencesFile> {
  const address = new URL('licences.json', document.baseURI);
  const answer = await fetch(address).catch(() => null);
  if (answer === null) throw new Error('The Notification Server does not answer.');
  if (!answer.ok) throw new Error(`The list of licences is not there (${answer.status}).`);
  return licencesFileSchema.parse(await answer.json());
}
