import { signatureOf } from '../../../shared/base/content-signature.ts';
import type { ContentGrant } from '../../../shared/contracts/content-link.ts';
import { contentLine, signedText } from '../../../shared/contracts/content-link.ts';
import { insertAuditEntry } from '../../database/stores/audit-store.ts';
import { writeServerSetting } from '../../database/stores/server-setting-store.ts';
import { Refusal } from '../refusal.ts';
import type { ConsoleHandlers, HandlerParts } from './console-handler.ts';
import { writeAudited } from './console-handler.ts';

/** Files of packages for clients that are no agents. */
export function contentHandlers(
  parts: HandlerParts,
): Pick<ConsoleHandlers, 'contentAccess' | 'updateContentAccess' | 'createContentLink'> {
  const { organisation, identity } = parts;
  return {
    contentAccess: () => organisation.contentAccess,

    updateContentAccess: async ({ body, signedIn }) => {
      const before = organisation.contentAccess;
      const change = { who: signedIn.name, subject: 'Content access', before, after: body };
      await writeAudited(parts, { ...change, action: 'update-content-access' }, (transaction) =>
        writeServerSetting(transaction, 'content-access', JSON.stringify(body)),
      );
      await organisation.reload('content-access');
      return organisation.contentAccess;
    },

    createContentLink: async ({ params: { guid, version }, body: { path, validForMinutes }, signedIn }) => {
      const stored = organisation.packageVersion(guid, version);
      if (stored === null) throw new Refusal('not-found', 'This server has no such package version.');
      if (stored.withdrawnAtMs !== null) throw new Refusal('not-available', 'This package version was withdrawn.');
      if (organisation.contentAccess.access === 'off') {
        throw new Refusal('conflict', 'Links are switched off: nobody could use this one.');
      }
      const files = await parts.files.filesOf(stored.key);
      const [only] = files.size === 1 ? files.keys() : [];
      const wanted = path ?? only ?? '';
      const section = files.get(wanted);
      if (section === undefined) {
        const message =
          path === undefined ? 'The package has several files: name one.' : 'The package has no such file.';
        throw new Refusal('invalid-request', message, { fields: [{ path: 'path', message }] });
      }
      const file = { guid, version, path: wanted };
      const grant: ContentGrant = {
        expiresAtSeconds: Math.ceil(parts.now() / 1000) + validForMinutes * 60,
        section: null,
      };
      const signature = signatureOf(identity.contentKeyOf('notification-server'), signedText(file, grant));
      const expiresAtMs = grant.expiresAtSeconds * 1000;
      // Who let whom have what is asked later, not the signature.
      await parts.writes.write((transaction) =>
        insertAuditEntry(transaction, {
          atMs: parts.now(),
          who: signedIn.name,
          action: 'create-content-link',
          subject: `${stored.name} ${version}`,
          before: null,
          after: { path: wanted, expiresAtMs },
        }),
      );
      const url = `${parts.agentUrl}${contentLine(file, grant, signature)}`;
      return { path: wanted, url, sizeBytes: section.sizeBytes, expiresAtMs };
    },
  };
}
